"""What all networks of a process share: the encoders, and the turn in which indexes are built."""

import os
import threading
from functools import partial
from pathlib import Path

from bot.app.live_index import PAUSE, LoadEmbeddings, Turn
from bot.config.loading import cache_folder
from bot.config.settings import Settings
from bot.matching.embedding_cache import EmbeddingCache, Progress
from bot.matching.encoder_folder import load_embeddings


class Shared:
    """Each encoder is loaded once. `building`: whoever builds an index takes it. `pause`: seconds between two looks at
    the answers' files."""

    def __init__(self, pause: float = PAUSE) -> None:
        self.building, self.pause = Turn(), pause
        self._loaded: dict[Path | None, EmbeddingCache] = {}
        self._loading = threading.Lock()

    def loader(self, settings: Settings) -> LoadEmbeddings | None:
        """None: the settings want words alone."""
        matching = settings.matching
        return partial(self._load, matching.encoder_folder) if matching.semantic else None

    def _load(self, folder: Path | None, progress: Progress) -> EmbeddingCache:
        """Raises EncoderError, and whatever `progress` raises."""
        with self._loading:
            if folder not in self._loaded:
                self._loaded[folder] = load_embeddings(folder, cache_folder(os.environ))
        return self._loaded[folder].telling(progress)
