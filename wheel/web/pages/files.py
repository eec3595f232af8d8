"""The pages' own files: style, script, font, icon."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

from wheel.web.templating import STATIC, static_file

router = APIRouter()

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/static/{name}")
def static(name: str) -> Response:
    path = static_file(name)
    if Path(name).name != name or path.suffix not in KINDS or not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, media_type=KINDS[path.suffix], headers=FOR_EVER)


@router.get("/favicon.ico")
def icon() -> Response:
    return FileResponse(STATIC / "icon.svg", media_type=KINDS[".svg"])
