"""Mean and spread of the last n numbers without subtraction. Knows nothing of prices.

A running `sum += new - old` keeps the rounding error of everything that ever passed through. Here
the window is two pieces instead: the rest of the last full block of n numbers, whose aggregates
are prepared once a block from its end backwards, and the numbers of the block under way. Both only
ever grow, so what left the window is gone without a trace: the error depends on the n numbers in
the window alone, and n equal numbers have a spread of exactly zero. O(1) per push, amortised.
"""


class Moments:
    """Mean and sum of squared deviations of the last n numbers (Welford; merged as Chan et al.).

    `mean` and `squares` hold the window's values once `is_full`.
    """

    __slots__ = (
        "at",
        "head_mean",
        "head_squares",
        "is_full",
        "mean",
        "pieces",
        "squares",
        "tail_squares",
        "window",
    )

    def __init__(self, window: int) -> None:
        self.window = window
        self.is_full = False
        self.mean = 0.0
        self.squares = 0.0
        self.head_mean = 0.0
        self.head_squares = 0.0
        # At and below `at`: means of the newest 0, 1, 2 ... numbers of the last block; above it:
        # the numbers of the block under way, newest first.
        self.pieces = [0.0] * window
        self.tail_squares = [0.0] * window
        self.at = window - 1

    def push(self, number: float) -> None:
        """Take the next number in."""
        at = self.at
        pieces = self.pieces
        tail_mean = pieces[at]
        pieces[at] = number
        window = self.window
        newer = window - at
        head_mean = self.head_mean
        delta = number - head_mean
        head_mean += delta / newer
        head_squares = self.head_squares + delta * (number - head_mean)
        if at:
            self.head_mean = head_mean
            self.head_squares = head_squares
            gap = head_mean - tail_mean
            share = newer / window
            self.mean = tail_mean + gap * share
            self.squares = self.tail_squares[at] + head_squares + gap * gap * share * at
            self.at = at - 1
        else:
            self.mean = head_mean
            self.squares = head_squares
            self._turn_block()

    def _turn_block(self) -> None:
        mean = squares = 0.0
        pieces, tail_squares = self.pieces, self.tail_squares
        for count in range(1, self.window):
            number = pieces[count - 1]
            pieces[count - 1] = mean
            tail_squares[count - 1] = squares
            delta = number - mean
            mean += delta / count
            squares += delta * (number - mean)
        pieces[-1] = mean
        tail_squares[-1] = squares
        self.at = self.window - 1
        self.head_mean = self.head_squares = 0.0
        self.is_full = True
