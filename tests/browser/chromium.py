"""What the checks of pages share: their arguments and a headless Chromium."""
import argparse
import os

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service


def start_browser(*more):
    options = Options()
    for option in ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", *more]:
        options.add_argument(option)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # chromium has none for root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--screenshots", help="folder for pictures of the page")
    arguments = parser.parse_args()
    arguments.program = os.path.abspath(arguments.program)
    if arguments.screenshots:
        os.makedirs(arguments.screenshots, exist_ok=True)
    return arguments
