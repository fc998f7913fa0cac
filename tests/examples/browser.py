"""The chat page `examples/chat.html` in a headless Chromium, driven through ChromeDriver as a person would: it is typed
into and read. Options: --page FILE, --server ws://…. Commands: `say TEXT` types a line and sends it, `quit` closes the
browser. Events: ready {} when the page may be typed into; motd, reversed, heard, note {text} for each line it shows.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LINES = "return [...document.querySelectorAll('#log li')].map(line => [line.className, line.textContent])"
POLL_SECONDS = 0.05
# WebDriver's name for the key of an element's id.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """A session of ChromeDriver, and the profile that goes with it."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="magicnet-browser-")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.base = f"http://127.0.0.1:{self.port()}"
        options = {"args": [*ARGUMENTS, f"--user-data-dir={self.profile}"]}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self.base += f"/session/{self.ask('POST', '/session', wanted)['sessionId']}"

    def port(self):
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                # It goes on talking, and must not be held up by a full pipe.
                threading.Thread(target=self.driver.stdout.read, daemon=True).start()
                return int(line.split()[-1].rstrip("."))
        raise RuntimeError("chromedriver did not start")

    def ask(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["value"]

    def run(self, script):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def element(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def close(self):
        try:
            self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            shutil.rmtree(self.profile, ignore_errors=True)


class Page:
    """The chat: what it shows becomes events."""

    def __init__(self, browser, address):
        self.browser = browser
        self.shown = 0
        self.is_ready = False
        browser.ask("POST", "/url", {"url": address})

    def look(self):
        is_open = self.browser.run("return !document.getElementById('text').disabled")
        lines = self.browser.run(LINES)
        for kind, text in lines[self.shown :]:
            tell(kind, text=text)
        self.shown = len(lines)
        if is_open and not self.is_ready:
            self.is_ready = True
            tell("ready")

    def say(self, text):
        field = self.browser.element("#text")
        self.browser.ask("POST", f"/element/{field}/value", {"text": text})
        self.browser.ask("POST", f"/element/{self.browser.element('#send')}/click")


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}, ensure_ascii=False), flush=True)


def read_lines(commands):
    for line in sys.stdin:
        commands.append(line.rstrip("\n"))
    commands.append("quit")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", required=True)
    parser.add_argument("--server", required=True)
    options = parser.parse_args()
    commands = []
    threading.Thread(target=read_lines, args=(commands,), daemon=True).start()
    browser = Browser()
    try:
        query = urllib.parse.urlencode({"server": options.server})
        page = Page(browser, f"{pathlib.Path(options.page).resolve().as_uri()}?{query}")
        while True:
            page.look()
            name, _, rest = commands.pop(0).partition(" ") if commands else ("", "", "")
            if name == "quit":
                return
            if name == "say":
                page.say(rest)
            time.sleep(POLL_SECONDS)
    finally:
        browser.close()


if __name__ == "__main__":
    main()
