from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page


class HomePage(Page):
    """A page with a rich text, in which editors write the clinic's number."""

    body = RichTextField(blank=True)

    content_panels = (*Page.content_panels, FieldPanel("body"))
    template = "clinic/home.html"
