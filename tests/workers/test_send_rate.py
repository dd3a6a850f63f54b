"""The pace is learnt from what the network refuses, and follows it in both directions."""

from bot.workers.send_rate import AdaptiveRate


class Bucket:
    """A homeserver's limit: `burst` at once, then `rate` a second. A refusal says when the next one fits."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self.level, self.at = 0.0, 0.0

    def take(self, now: float) -> float | None:
        """None: taken; else the seconds to wait."""
        level = max(self.level - (now - self.at) * self.rate, 0.0)
        if level > self.burst - 1:
            return (level - self.burst + 1) / self.rate
        self.level, self.at = level + 1, now
        return None


def send(pace: AdaptiveRate, bucket: Bucket, count: int, now: float = 0.0) -> tuple[float, int]:
    """Send so many as the pace says; when the last one was taken, and how often the bucket refused."""
    refusals = 0
    while count:
        now += pace.wait(now)
        pace.begin(now)
        if (after := bucket.take(now)) is None:
            pace.accepted()
            count -= 1
        else:
            refusals += 1
            pace.refused(now, after)
    return now, refusals


def test_it_keeps_near_the_allowed_pace_with_few_refusals_and_has_no_limit_without_one() -> None:
    assert send(AdaptiveRate(), Bucket(1e9, 10**6), 1000) == (0.0, 0)
    for rate, burst in ((0.2, 10), (1.0, 3), (10.0, 10), (0.02, 1)):
        took, refusals = send(AdaptiveRate(), Bucket(rate, burst), burst + 100)
        assert took <= 1.6 * 100 / rate
        assert refusals <= 40


def test_it_waits_as_long_as_it_is_told_once_and_forgets_the_limit_when_nothing_was_to_be_sent_for_a_while() -> None:
    pace = AdaptiveRate()
    pace.accepted()
    for _ in range(5):  # in a row
        pace.refused(0.0, 4)
    assert (pace.wait(0.0), pace.gap) == (4, 4)
    pace.begin(3600.0)
    assert pace.wait(3600.0) == 0
    pace = AdaptiveRate()
    pace.refused(0.0, 0)  # a network that asks for no pause gets one all the same
    assert pace.wait(0.0) > 0
