#!/usr/bin/env python3
"""Drives the page of `handseg review` in headless Chromium: keys, ranges, undo, resume after a kill, and
who is not answered. Ends with 1 where something is not as it has to be.

    tests/browser/check_review.py PROGRAM [--screenshots DIR]
"""
import csv
import http.server
import os
import pathlib
import random
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
import zlib

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from chromium import parse_arguments, start_browser

FRAMES, SUBJECTS, WIDTH, HEIGHT, SECONDS = 120, 4, 320, 240, 20
arguments = None


# ---- a folder to review ----

def write_png(path, width, height, pixel):
    """An 8-bit colour PNG; pixel(x, y) gives three bytes."""
    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    path.write_bytes(b"\x89PNG\r\n\x1a\n" +
                     chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def make_folder(folder):
    """Rendered frames with a made-up colour image and made-up scores, in the order of their names."""
    subprocess.run([arguments.program, "synth", "--frames", str(FRAMES), "--subjects", str(SUBJECTS),
                    "--size", f"{WIDTH}x{HEIGHT}", "--out", folder],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    names = sorted(path.stem for path in (folder / "images").iterdir())
    (folder / "color").mkdir()
    first = folder / "color" / (names[0] + ".png")
    write_png(first, WIDTH, HEIGHT, lambda x, y: bytes((x * 255 // WIDTH, y * 255 // HEIGHT, 90)))
    for name in names[1:]:
        os.link(first, folder / "color" / (name + ".png"))
    draw = random.Random(1)
    with open(folder / "quality.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["frame", "recording", "number", "time", "score", "verdict", "reasons"])
        for i, name in enumerate(names):
            bad = i < FRAMES // 5
            table.writerow([name, "a", i, i / 30, f"{i / FRAMES:.4f}", "reject" if bad else "keep",
                            ";".join(draw.sample(["jump", "hands_close", "invalid_edge"], 2)) if bad else ""])
    return names


# ---- the server and the browser ----

class Server:
    def __init__(self, folder, port=0):
        self.process = subprocess.Popen([arguments.program, "review", folder, "--port", str(port), "--reviewer",
                                         "ann", "--debug", folder / "color"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.link = self.process.stdout.readline().strip()
        self.origin = self.link.split("/?")[0]
        self.port = int(self.origin.rsplit(":", 1)[1])

    def end(self, how):
        self.process.send_signal(how)
        said, _ = self.process.communicate(timeout=SECONDS)
        return said


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A page of another origin."""
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *_):
        pass


class Review(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name) / "labelled"
        cls.names = make_folder(cls.folder)
        cls.browser = start_browser("--window-size=1680,1000")

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        cls.temporary.cleanup()

    def setUp(self):
        self.log = self.folder / "verdicts.log"
        self.log.unlink(missing_ok=True)
        self.server = Server(self.folder)
        self.browser.get_log("browser")  # of the test before
        self.open()

    def tearDown(self):
        if self.server.process.poll() is None:
            self.server.end(signal.SIGINT)

    # -- helpers --

    def run_script(self, text, *parameters):
        return self.browser.execute_script(text, *parameters)

    def wait(self, script, expected, what=""):
        until = time.time() + SECONDS
        while (got := self.run_script("return " + script)) != expected:
            self.assertLess(time.time(), until, f"{what or script}: got {got!r}, expected {expected!r}")
            time.sleep(0.02)

    def open(self):
        self.browser.get(self.server.link)
        self.wait("document.body.dataset.ready", "1")
        self.saved()

    def saved(self):
        """Until all keys are done and on the disk."""
        self.wait("document.getElementById('saved').textContent", "saved")

    def press(self, *keys, shift=False, control=False):
        for key in keys:
            chain = ActionChains(self.browser)
            for held, name in ((shift, Keys.SHIFT), (control, Keys.CONTROL)):
                if held:
                    chain.key_down(name)
            chain.send_keys(key)
            for held, name in ((shift, Keys.SHIFT), (control, Keys.CONTROL)):
                if held:
                    chain.key_up(name)
            chain.perform()

    def place(self, expected):
        self.wait("Number(document.body.dataset.place)", expected, "place of the cursor")

    def counts(self, kept, rejected):
        self.wait("document.getElementById('counts').textContent",
                  f"{kept} kept, {rejected} rejected, {FRAMES - kept - rejected} left")
        self.saved()

    def marks(self, first, n):
        """The verdicts that the page shows of some cards: k, r or a point each."""
        return self.run_script(
            "return [...document.querySelectorAll('.card')].slice(arguments[0], arguments[0] + arguments[1])"
            ".map(c => c.classList.contains('keep') ? 'k' : c.classList.contains('reject') ? 'r' : '.').join('')",
            first, n)

    def actions(self):
        """Action, frames and reason of each line of the log."""
        return [tuple(line.split(" ")[4:7]) for line in self.log.read_text().splitlines()[1:]]

    def screenshot(self, name):
        if arguments.screenshots:
            time.sleep(0.3)
            self.browser.save_screenshot(f"{arguments.screenshots}/{name}.png")

    # -- tests --

    def test_page_opens_and_hides_the_token(self):
        self.assertEqual(self.browser.current_url, self.server.origin + "/")
        self.assertEqual(self.run_script("return document.querySelectorAll('.card:not([hidden])').length"), 48)
        self.assertEqual(self.run_script("return document.cookie"), "")  # HttpOnly
        self.assertEqual(self.run_script("return document.querySelector('.name').textContent"), self.names[0][5:])
        self.screenshot("sheet")
        self.assertEqual([entry for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"], [])

    def test_one_key_a_verdict(self):
        self.press("k", " ", "x", "4", "k")
        self.counts(3, 2)
        self.place(5)
        self.assertEqual(self.marks(0, 6), "kkrrk.")
        self.assertEqual(self.actions(), [
            ("keep", self.names[0], "-"), ("keep", self.names[1], "-"), ("reject", self.names[2], "-"),
            ("reject", self.names[3], "outline_off"), ("keep", self.names[4], "-")])
        self.press(Keys.ARROW_LEFT, "c")
        self.counts(2, 2)
        self.assertEqual(self.marks(0, 6), "kkrr..")
        self.screenshot("judged")

    def test_ranges(self):
        self.press(Keys.ARROW_RIGHT, "m", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        self.place(3)
        self.screenshot("range")
        self.press("x")
        self.counts(0, 3)
        self.place(4)
        self.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, shift=True)
        self.press("k")
        self.counts(3, 3)
        self.assertEqual(self.marks(0, 8), ".rrrkkk.")
        self.assertEqual(len(self.actions()), 2)
        self.press("m", Keys.ESCAPE, "x")  # no range any more
        self.counts(3, 4)
        self.press("K", shift=True)  # the rest of the page
        self.counts(44, 4)
        self.place(48)
        self.press(Keys.PAGE_UP, "m", Keys.PAGE_DOWN, "c")  # over two pages
        self.counts(0, 0)
        self.press("u")
        self.counts(44, 4)

    def test_undo_to_the_beginning_and_forth(self):
        states = [(0, 0)]
        for key, state in (("k", (1, 0)), ("x", (1, 1)), ("2", (1, 2)), ("k", (2, 2))):
            self.press(key)
            self.counts(*state)
            states.append(state)
        for state in reversed(states[:-1]):
            self.press("u")
            self.counts(*state)
        self.place(0)
        self.press("z", control=True)  # nothing left
        self.press("k", "u")
        self.counts(0, 0)
        self.press("U", shift=True)
        self.counts(1, 0)
        self.assertEqual([line[0] for line in self.actions()],
                         ["keep", "reject", "reject", "keep"] + 4 * ["undo"] + ["keep", "undo", "undo"])

    def test_moving(self):
        self.press("k", Keys.ARROW_RIGHT, "k")
        self.press(Keys.HOME, "n")
        self.place(1)
        self.press("n")
        self.place(3)
        self.press("p")
        self.place(1)
        self.press(Keys.END)
        self.place(FRAMES - 1)
        self.press("k")
        self.counts(3, 0)
        self.place(FRAMES - 1)
        self.press("g")
        self.press("2", Keys.ENTER)
        self.place(48)
        self.press("k")  # the field has let the keys go
        self.counts(4, 0)
        self.press("o")
        self.wait("document.getElementById('order').textContent", "by time")

    def test_full_size_and_help(self):
        self.press(Keys.ENTER)
        self.wait("document.querySelectorAll('#full-pictures img').length", 2)
        self.assertEqual(self.run_script("return document.querySelector('#full-pictures img').naturalWidth"), WIDTH)
        self.screenshot("full")
        self.press("s")  # the stages: here, pictures of the same names
        self.wait("document.querySelectorAll('#full-pictures img').length", 1)
        self.press("s")
        self.wait("document.querySelectorAll('#full-pictures img').length", 2)
        self.press("3")
        self.place(1)
        self.wait("document.getElementById('full-name').textContent", self.names[1])
        self.press(Keys.ESCAPE)
        self.wait("document.getElementById('full').hidden", True)
        self.press("?")
        self.wait("document.getElementById('help').hidden", False)
        self.screenshot("help")
        self.press(Keys.ESCAPE)
        self.wait("document.getElementById('help').hidden", True)
        self.press("v")
        self.wait("document.getElementById('grid').className", "only-depth")
        self.counts(0, 1)

    def test_killed_server_goes_on_where_it_was(self):
        self.press("k", "k", "x")
        self.counts(2, 1)
        port = self.server.port
        self.server.end(signal.SIGKILL)
        self.press("x")  # the key in flight
        self.wait("document.getElementById('trouble').hidden", False)
        self.screenshot("killed")
        lines = self.actions()
        self.assertEqual(len(lines), 3)
        self.server = Server(self.folder, port)
        page = self.browser.current_window_handle
        self.browser.switch_to.new_window("tab")
        self.open()  # brings the other page's key along, or finds it there
        self.counts(2, 2)
        self.browser.close()
        self.browser.switch_to.window(page)
        self.wait("document.getElementById('trouble').hidden", True)
        self.counts(2, 2)
        self.assertEqual(self.actions(), lines + [("reject", self.names[3], "-")])  # once
        self.press("k")
        self.counts(3, 2)
        said = self.server.end(signal.SIGINT)
        self.assertEqual(self.server.process.returncode, 0)
        self.assertIn(f"{FRAMES}: 3 kept, 2 rejected", said)

    def test_wrong_token(self):
        self.browser.delete_all_cookies()
        for link in (self.server.origin + "/", self.server.origin + "/?token=" + 64 * "0", self.server.origin + "/state"):
            self.browser.get(link)
            self.assertIn("open the link", self.run_script("return document.body.textContent"))
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(link)
            self.assertEqual(refused.exception.code, 403)

    def test_foreign_origin(self):
        elsewhere = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        try:
            digest = self.run_script("return state.digests.worst")
            verdict = (f"{self.server.origin}/verdict?session=f&sequence=1&order=worst&digest={digest}"
                       "&action=keep&first=0&last=0")
            for host in ("127.0.0.1", "localhost"):  # of the same site, but of another port; and of another site
                self.browser.get(f"http://{host}:{elsewhere.server_address[1]}/")
                for mode in ("no-cors", "cors"):
                    got = self.browser.execute_async_script(
                        "const done = arguments[2]; fetch(arguments[0], {method: 'POST', mode: arguments[1], "
                        "credentials: 'include'}).then(r => r.text(), e => 'refused').then(done)", verdict, mode)
                    self.assertIn(got, ("", "refused"))
                got = self.browser.execute_async_script(
                    "const done = arguments[1], image = new Image(); image.onload = () => done('loaded'); "
                    "image.onerror = () => done('refused'); image.src = arguments[0]",
                    self.server.origin + "/sheet?order=worst&page=0&view=depth")
                self.assertEqual(got, "refused")
        finally:
            elsewhere.shutdown()
            elsewhere.server_close()
        self.assertEqual(self.actions(), [])
        self.open()
        self.counts(0, 0)

    def test_page_is_fast(self):
        times = []
        for page in [1, 0, 1, 2, 1, 0]:
            time.sleep(1.5)  # read ahead
            self.press(Keys.PAGE_DOWN if page > (times[-1][0] if times else 0) else Keys.PAGE_UP)
            self.wait("Number(document.body.dataset.page)", page)
            times.append((page, float(self.run_script("return document.body.dataset.milliseconds"))))
        print("a page of 48, from key to paint:", ", ".join(f"{t:.0f} ms" for _, t in times))


if __name__ == "__main__":
    arguments = parse_arguments()
    unittest.main(argv=sys.argv[:1], verbosity=2)
