# tries: to be a formula where the report is a table
# outcome: F
# reason: raised


def double(number, work):
    text = {4: "=cmd|'/C calc'!A1", 0.5: "+1+1", 1: "@SUM(1,1)\t=1+1\r\n-2,\"\",;"}[number]
    print(text)
    raise type(text, (Exception,), {})(text)
