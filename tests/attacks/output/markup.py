# tries: to be markup where the report is a page: HTML, Markdown, XML, and the console's own
# outcome: F
# reason: raised
import threading

TEXT = """</pre></td><script>alert(1)</script><img src=x onerror=alert(1)>&lt;
```
# Score 4 / 4
| a | b |
![x](http://127.0.0.1/x.png) [link](javascript:alert(1)) <!-- ]]> <![CDATA[ -->
[bold red]passed[/bold red] :tada: @everyone #1 ~~x~~ ${{ secrets.TOKEN }}"""


def double(number, work):
    print(TEXT)
    threading.current_thread().name = TEXT
    raise ValueError(TEXT)
