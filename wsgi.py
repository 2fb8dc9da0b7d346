"""What a WSGI server serves and what `flask …` finds."""

from app.factory import create_app
from app.logs import configure
from app.settings import load_settings
from app.supervise.death import die_with_parent

settings = load_settings()
configure("web", settings.data_dir / "log")
die_with_parent()
app = create_app(settings)
