"""The page is one valid file that loads nothing, escapes everything, and opens with the block of belief."""

from html.parser import HTMLParser

import pytest

from ansatz.report import write_report

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Outline(HTMLParser):
    """Collects elements in order and complains about tags that do not match."""

    def __init__(self):
        HTMLParser.__init__(self)
        self.open, self.elements, self.faults = [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append((tag, self.getpos()))


def outline(text):
    parser = Outline()
    parser.feed(text)
    parser.close()
    return parser


@pytest.fixture(scope="module")
def parsed(binary_page):
    return outline(binary_page)


def test_tags_are_balanced(parsed):
    assert parsed.faults == []
    assert parsed.open == []


def test_ids_are_unique_and_links_lead_somewhere(parsed):
    ids = [a["id"] for _, a in parsed.elements if "id" in a]
    assert len(set(ids)) == len(ids)
    inside = [a["href"][1:] for _, a in parsed.elements if a.get("href", "").startswith("#")]
    assert inside
    assert set(inside) <= set(ids)


def test_nothing_is_loaded_from_outside(parsed):
    links = [a[key] for _, a in parsed.elements for key in ("href", "src", "action", "srcset") if key in a]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert not [v for _, a in parsed.elements for v in a.values() if v and "http:" in v]
    assert not {tag for tag, _ in parsed.elements} & {"script", "iframe", "object", "embed", "form"}
    assert not [key for _, a in parsed.elements for key in a if key.startswith("on")]


def test_the_first_section_asks_whether_to_believe(parsed):
    sections = [a["id"] for tag, a in parsed.elements if tag == "section"]
    assert sections == ["belief", "result", "data", "models", "training", "task", "interpretation", "again"]


def test_every_figure_has_words_and_numbers(parsed):
    tags = [tag for tag, _ in parsed.elements]
    figures = tags.count("figure")
    assert figures > 10
    assert tags.count("figcaption") == figures
    described = [a for tag, a in parsed.elements if tag == "svg" and a.get("role") == "img" and a.get("aria-label")]
    assert len(described) == figures
    downloads = [a for tag, a in parsed.elements if tag == "a" and a.get("href", "").startswith("data:text/csv")]
    assert len(downloads) == figures


def test_marks_are_a_sign_and_a_word(binary_page):
    belief = binary_page[binary_page.index('<section id="belief"') : binary_page.index('<section id="result"')]
    assert "✓" in belief
    assert "holds" in belief
    assert belief.index("caution") < belief.index("holds</span>")


def test_hostile_names_stay_text(make_run, tmp_path):
    bad = "<script>alert(1)</script>"
    run = make_run(tmp_path / "run", (bad, "b\"&'c"), rows=120, columns=(bad, "]]>", "{{ 7*7 }}"), title=f"T {bad}")
    text = write_report(run).read_text(encoding="utf-8")
    found = outline(text)
    assert found.faults == []
    assert "script" not in {tag for tag, _ in found.elements}
    assert "&lt;script&gt;" in text
    assert "{{ 7*7 }}" in text


def test_an_ordinary_page_is_small(binary_page):
    assert len(binary_page) < 1_500_000
