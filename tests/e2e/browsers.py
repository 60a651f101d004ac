"""A real browser, driven as a person uses it: by what it sees, without a script of the page's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE_S: Final = 60
_SWITCHES: Final = (
    "--headless",
    "--no-sandbox",  # root, as in CI, has no sandbox of Chromium's
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """One window of a fresh browser."""

    def __init__(self, chrome: Chrome) -> None:
        self.chrome = chrome
        chrome.implicitly_wait(PATIENCE_S)
        chrome.set_page_load_timeout(PATIENCE_S)

    @property
    def heading(self) -> str:
        return self.chrome.find_element(By.TAG_NAME, "h1").text

    @property
    def text(self) -> str:
        return self.chrome.find_element(By.TAG_NAME, "main").text

    @property
    def focused(self) -> WebElement:
        return self.chrome.switch_to.active_element

    def labelled(self, label: str) -> WebElement:
        """The field that a label names, as assistive technology finds it."""
        found = self.chrome.find_element(By.XPATH, f"//label[normalize-space()='{label}']")
        return self.chrome.find_element(By.ID, found.get_attribute("for") or "")

    def press(self, button: str) -> None:
        """Press a button that sends a form; the next page is there afterwards."""
        with self._leaving():
            self.chrome.find_element(By.XPATH, f"//button[normalize-space()='{button}']").click()

    def enter(self, label: str, text: str) -> None:
        """Send the form from one of its fields; the next page is there afterwards."""
        with self._leaving():
            self.labelled(label).send_keys(text, Keys.ENTER)

    @contextmanager
    def _leaving(self) -> Iterator[None]:
        """Until the page is gone: what is looked for next must not be found on the old one."""
        page = self.chrome.find_element(By.TAG_NAME, "html")
        yield
        WebDriverWait(self.chrome, PATIENCE_S).until(staleness_of(page))

    def picture(self, path: Path) -> None:
        self.chrome.save_screenshot(str(path))


@contextmanager
def browser(
    profile: Path, *, width: int = 1_200, height: int = 800, scripts: bool = False
) -> Iterator[Browser]:
    """Scripts are off unless a test is about the one that there is: no page needs them."""
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for switch in (*_SWITCHES, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        options.add_argument(switch)
    if not scripts:
        scripts_off = {"profile.managed_default_content_settings.javascript": 2}
        options.add_experimental_option("prefs", scripts_off)
    chrome = Chrome(options, ChromeService("/usr/bin/chromedriver"))
    try:
        yield Browser(chrome)
    finally:
        chrome.quit()
