# tries: to command the CI system by way of the reason for a failure: names, messages and lines of its own
# outcome: F
# reason: Error
Error = type("Error\n::error::gone", (Exception,), {"__module__": "::notice::x\n##[error]"})
Error.__qualname__ = Error.__name__ = "::set-output name=result::passed Error"


def double(number, work):
    raise Error("\n::error::all is well\r\n##vso[task.complete result=Succeeded;]\x1b[31m\n::stop-commands::x")
