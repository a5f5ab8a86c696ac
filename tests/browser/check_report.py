#!/usr/bin/env python3
"""Opens the page of `handseg report` in headless Chromium: pictures that load, nothing fetched, nothing wider than
the window, a printed page without dark ground. Ends with 1 where something is not as it has to be.

    tests/browser/check_report.py PROGRAM [--screenshots DIR]
"""
import base64
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from chromium import parse_arguments, start_browser

NET = """[input]
height = 48
width = 64
[conv enc1]
filters = 8
kernel = 4
stride = 2
pad = 1
norm = batch
act = leaky
[conv_transpose dec1]
filters = 3
kernel = 4
stride = 2
pad = 1
"""
TRAINING = "[net]\nfile = net.ini\n[data]\nfile = hands.h5\n[train]\nout = run\nepochs = 6\nbatch = 4\n"
RULE = "[input]\nheight = 48\nwidth = 64\n[nearest]\nwithin = 0.1\nstep = 0.02\n"
arguments = None


def make_page(folder):
    """A report of a run of seconds and of a rule."""
    def handseg(*words):
        subprocess.run([arguments.program, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    (folder / "net.ini").write_text(NET)
    (folder / "train.ini").write_text(TRAINING)
    (folder / "near & <far>.ini").write_text(RULE)
    handseg("synth", "--frames", "48", "--subjects", "12", "--size", "64x48", "--out", "frames")
    handseg("pack", "frames", "--out", "hands.h5", "--ratio", "2:1:1")
    handseg("train", "train.ini")
    handseg("report", "run", "near & <far>.ini", "--data", "hands.h5", "--out", "report.html", "--worst", "3")
    return folder / "report.html"


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.page = make_page(pathlib.Path(cls.temporary.name))
        cls.browser = start_browser("--hide-scrollbars")

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        cls.temporary.cleanup()

    def open(self, width):
        self.browser.set_window_size(width, 1600)
        self.browser.get(self.page.as_uri())

    def ask(self, script):
        return self.browser.execute_script("return " + script)

    def test_pictures_load_and_nothing_is_fetched(self):
        self.open(1200)
        self.assertEqual(self.ask("[...document.images].filter(i => i.complete && i.naturalWidth > 64).length"), 6)
        self.assertEqual(self.ask("performance.getEntriesByType('resource')"
                                  ".filter(r => !r.name.startsWith('data:')).length"), 0)
        self.assertEqual(self.ask("document.scripts.length"), 0)
        self.assertEqual(self.browser.get_log("browser"), [])

    def test_text_is_text(self):
        self.open(1200)
        self.assertEqual(self.ask("[...document.querySelectorAll('h2')].map(h => h.textContent)"),
                         ["All runs", "Run against run", "run", "near____far_", "Made with"])
        self.assertIn("near & <far>.ini", self.ask("document.body.textContent"))
        self.assertEqual(self.ask("document.querySelectorAll('far').length"), 0)

    def test_nothing_is_wider_than_the_window(self):
        for width in 1600, 1200, 800, 500:
            self.open(width)
            self.assertLessEqual(self.ask("document.documentElement.scrollWidth"), self.ask("innerWidth"), width)
            if arguments.screenshots:
                height = self.ask("document.documentElement.scrollHeight")
                self.browser.set_window_size(width, height + 200)
                self.browser.save_screenshot(os.path.join(arguments.screenshots, f"report-{width}.png"))

    def test_curves_lie_in_their_charts(self):
        self.open(1200)
        outside = self.ask("[...document.querySelectorAll('svg polyline, svg circle, svg text')].filter(e => {"
                           "const a = e.getBoundingClientRect(), b = e.ownerSVGElement.getBoundingClientRect();"
                           "return a.width && (a.left < b.left - 1 || a.right > b.right + 8 || a.top < b.top - 1 ||"
                           "a.bottom > b.bottom + 1) }).map(e => e.outerHTML.slice(0, 80))")
        self.assertEqual(outside, [])

    def test_it_prints(self):
        self.open(1200)
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        grounds = self.ask("[...document.querySelectorAll('*')].map(e => getComputedStyle(e).backgroundColor)")
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        for ground in set(grounds):
            numbers = [float(n) for n in ground[ground.index("(") + 1:-1].replace("/", ",").split(",")]
            alpha = numbers[3] if len(numbers) > 3 else 1
            dark = 255 - sum(numbers[:3]) / 3
            self.assertLess(alpha * dark, 110, ground)
        pdf = base64.b64decode(self.browser.print_page())
        self.assertTrue(pdf.startswith(b"%PDF"))
        if arguments.screenshots:
            pathlib.Path(arguments.screenshots, "report.pdf").write_bytes(pdf)


if __name__ == "__main__":
    arguments = parse_arguments()
    unittest.main(argv=sys.argv[:1], verbosity=2)
