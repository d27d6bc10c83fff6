# tries: an import that raises what is no Exception
# outcome: E
# reason: cannot be imported: Away


class Away(BaseException):
    pass


raise Away
