"""Headless Chromium that trusts one certificate and reaches only instances on this machine."""

import base64
import hashlib
import json
import os
import subprocess

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

SCREEN = (1280, 1024)


def key_digest(certificate):
    """The digest of a certificate's public key, by which Chromium is told to trust it."""
    pem = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, stdout=subprocess.PIPE)
    key = base64.b64decode("".join(pem.stdout.decode().splitlines()[1:-1]))
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


class Browser:
    """Ends with close()."""

    def __init__(self, certificate, directory):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in (
            "headless=new",
            "no-first-run",
            "disable-background-networking",
            "disable-component-update",
            "disable-dev-shm-usage",
            f"window-size={SCREEN[0]},{SCREEN[1]}",
            f"user-data-dir={directory}",
            f"ignore-certificate-errors-spki-list={key_digest(certificate)}",
            "host-resolver-rules=MAP *.leap.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ):
            options.add_argument(f"--{argument}")
        if os.getuid() == 0:
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(60)

    def open(self, url):
        """Opens a page, with the logs empty."""
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(url)

    def console(self):
        """What the page has said on its console since the last question; the browser's own errors are there too."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """The URLs that the page has asked for since the last question, but those that are data."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        urls = (each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent")
        return [url for url in urls if not url.startswith("data:")]

    def elements(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def screenshot(self, path):
        self.driver.save_screenshot(str(path))

    def close(self):
        self.driver.quit()
