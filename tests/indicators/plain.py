"""Every indicator once more, row by row from its definition, with lists and no library."""

import math

from tests.indicators.rows import (
    NAN,
    ago,
    each,
    ema,
    mean,
    on,
    ratio,
    sma,
    std,
    true_range,
    wilder,
    window,
    wma,
)


def moving_averages(close):
    twice = on(lambda a, b: 2 * a - b, wma(close, 7), wma(close, 14))
    first = ema(close, 14)
    one = ema(close, 20)
    two = ema(one, 20)
    return {
        ("sma", "sma"): sma(close, 20),
        ("ema", "ema"): ema(close, 20),
        ("wma", "wma"): wma(close, 14),
        ("hma", "hma"): wma(twice, 3),
        ("dema", "dema"): on(lambda a, b: 2 * a - b, first, ema(first, 14)),
        ("tema", "tema"): on(lambda a, b, c: 3 * a - 3 * b + c, one, two, ema(two, 20)),
    }


def kama(close):
    er, level, found = [], NAN, []
    for row, price in enumerate(close):
        if row < 10:
            er.append(NAN)
            found.append(NAN)
            level = price
            continue
        path = math.fsum(abs(close[at] - close[at - 1]) for at in range(row - 9, row + 1))
        er.append(ratio(abs(price - close[row - 10]), path))
        if not math.isnan(er[-1]):
            level += (er[-1] * (2 / 3 - 2 / 31) + 2 / 31) ** 2 * (price - level)
        found.append(level)
    return {("kama", "er"): er, ("kama", "kama"): found}


def rsi(close, period=14):
    moves = on(lambda now, then: now - then, close, ago(close, 1))
    up = wilder(on(lambda move: max(move, 0.0), moves), period)
    down = wilder(on(lambda move: max(-move, 0.0), moves), period)
    return on(lambda a, b: 100 * a / (a + b) if a + b > 1e-9 else 50.0, up, down)


def place(high, low, close, period):
    top, bottom = each(high, period, max), each(low, period, min)
    return on(lambda c, a, b: 100 * (c - b) / (a - b) if a - b > 1e-9 else 0.0, close, top, bottom)


def oscillators(high, low, close):
    k = sma(place(high, low, close, 14), 3)
    d = sma(k, 3)
    index = rsi(close)
    stoch_rsi = place(index, index, index, 14)
    top, bottom = each(high, 14, max), each(low, 14, min)
    typical = on(lambda a, b, c: (a + b + c) / 3, high, low, close)
    spread = each(typical, 20, lambda part: mean([abs(x - mean(part)) for x in part]))
    before = ago(close, 1)
    bp = on(lambda c, a, b: c - min(a, b), close, low, before)
    tr = true_range(high, low, close)
    parts = [on(ratio, each(bp, n, math.fsum), each(tr, n, math.fsum)) for n in (7, 14, 28)]
    return {
        ("rsi", "rsi"): index,
        ("stoch", "oscillator"): k,
        ("stoch", "signal"): d,
        ("stoch", "percentJ"): on(lambda a, b: 3 * a - 2 * b, k, d),
        ("stoch-rsi", "stochRsi"): stoch_rsi,
        ("stoch-rsi", "signal"): sma(stoch_rsi, 3),
        ("willr", "williamsR"): on(
            lambda c, a, b: ratio(-100 * (a - c), a - b), close, top, bottom
        ),
        ("cci", "cci"): on(
            lambda x, a, b: ratio(x - a, 0.015 * b), typical, sma(typical, 20), spread
        ),
        ("uo", "ultimate"): on(lambda a, b, c: 100 * (4 * a + 2 * b + c) / 7, *parts),
        ("roc", "momentum"): on(lambda a, b: a - b, close, ago(close, 14)),
        ("roc", "roc"): on(lambda a, b: 100 * (a - b) / b, close, ago(close, 14)),
    }


def adx(high, low, close, period=14):
    plus, minus = [NAN], [NAN]
    for row in range(1, len(close)):
        up, down = high[row] - high[row - 1], low[row - 1] - low[row]
        plus.append(up if up > 0 and up > down else 0.0)
        minus.append(down if down > 0 and down > up else 0.0)

    def summed(values):
        found, total = [], 0.0
        for row, value in enumerate(values):
            if 0 < row < period:
                total += value
            elif row >= period:
                total += value - total / period
            found.append(total if row >= period else NAN)
        return found

    tr = summed(true_range(high, low, close))
    pdi = on(lambda a, b: 100 * a / b if b > 1e-9 else 0.0, summed(plus), tr)
    mdi = on(lambda a, b: 100 * a / b if b > 1e-9 else 0.0, summed(minus), tr)
    dx = on(lambda a, b: 100 * abs(a - b) / (a + b) if a + b > 1e-9 else 0.0, pdi, mdi)
    index = wilder(dx, period)
    return {
        ("adx", "pdi"): pdi,
        ("adx", "mdi"): mdi,
        ("adx", "dx"): dx,
        ("adx", "adx"): index,
        ("adx", "adxr"): on(lambda a, b: (a + b) / 2, index, ago(index, period)),
    }


def macd(close):
    fast, slow = [NAN] * 14 + ema(close[14:], 12), ema(close, 26)
    fast = fast[: len(close)]
    line = on(lambda a, b: a - b, fast, slow)
    signal = ema(line, 9)
    return {
        ("macd", "macd"): line,
        ("macd", "signal"): signal,
        ("macd", "histogram"): on(lambda a, b: a - b, line, signal),
        ("macd", "fastEma"): fast,
        ("macd", "slowEma"): slow,
    }


def channels(high, low, close):
    middle, spread = sma(close, 20), std(close, 20)
    upper = on(lambda a, b: a + 2 * b, middle, spread)
    lower = on(lambda a, b: a - 2 * b, middle, spread)
    center, reach = ema(close, 20), wilder(true_range(high, low, close), 10)
    top, bottom = ago(each(high, 20, max), 1), ago(each(low, 20, min), 1)
    half = on(lambda a, b: (a + b) / 2, top, bottom)
    spread_14 = std(close, 14)
    return {
        ("bb", "sma"): middle,
        ("bb", "upperBand"): upper,
        ("bb", "lowerBand"): lower,
        ("bb", "percentB"): on(lambda c, a, b: ratio(c - b, a - b), close, upper, lower),
        ("bb", "zScore"): on(lambda c, a, b: ratio(c - a, b), close, middle, spread),
        ("bb", "width"): on(lambda a, b, c: (a - b) / c, upper, lower, middle),
        ("keltner", "centerline"): on(lambda a, _: a, center, center),
        ("keltner", "upperBand"): on(lambda a, b: a + 2 * b, center, reach),
        ("keltner", "lowerBand"): on(lambda a, b: a - 2 * b, center, reach),
        ("keltner", "width"): on(lambda a, b: 4 * b / a, center, reach),
        ("donchian", "upperBand"): top,
        ("donchian", "lowerBand"): bottom,
        ("donchian", "centerline"): half,
        ("donchian", "width"): on(lambda a, b, c: (a - b) / c, top, bottom, half),
        ("stdev", "stdDev"): spread_14,
        ("stdev", "mean"): sma(close, 14),
        ("stdev", "zScore"): on(lambda c, a, b: ratio(c - a, b), close, sma(close, 14), spread_14),
        ("atr", "tr"): true_range(high, low, close),
        ("atr", "atr"): wilder(true_range(high, low, close), 14),
        ("atr", "atrp"): on(
            lambda a, c: 100 * a / c, wilder(true_range(high, low, close), 14), close
        ),
    }


def flows(high, low, close, volume):
    typical = on(lambda a, b, c: (a + b + c) / 3, high, low, close)
    change = on(lambda a, b: a - b, typical, ago(typical, 1))
    flow = on(lambda a, b: a * b, typical, volume)
    rising = on(lambda a, b: a if b >= 1e-9 else 0.0, flow, change)
    falling = on(lambda a, b: a if b <= -1e-9 else 0.0, flow, change)
    lean = on(lambda a, b, c: ratio((c - b) - (a - c), a - b), high, low, close)
    lean = [0.0 if math.isnan(x) else x for x in lean]
    leaning = on(lambda a, b: a * b, lean, volume)
    obv = [volume[0]]
    for row in range(1, len(close)):
        sign = (close[row] > close[row - 1]) - (close[row] < close[row - 1])
        obv.append(obv[-1] + sign * volume[row])
    return {
        ("mfi", "mfi"): on(
            lambda a, b: ratio(100 * a, a + b),
            each(rising, 14, math.fsum),
            each(falling, 14, math.fsum),
        ),
        ("cmf", "moneyFlowMultiplier"): lean,
        ("cmf", "moneyFlowVolume"): leaning,
        ("cmf", "cmf"): on(ratio, each(leaning, 20, math.fsum), each(volume, 20, math.fsum)),
        ("obv", "obv"): obv,
        ("vwap", "vwap"): [
            ratio(math.fsum(flow[: row + 1]), math.fsum(volume[: row + 1]))
            for row in range(len(close))
        ],
    }


def aroon(high, low):
    def since(part):
        return NAN if part.count(max(part)) > 1 else 100 * part.index(max(part)) / 25

    up = each(high, 26, since)
    down = each([-x for x in low], 26, since)
    return {
        ("aroon", "aroonUp"): up,
        ("aroon", "aroonDown"): down,
        ("aroon", "oscillator"): on(lambda a, b: a - b, up, down),
    }


def psar(high, low):
    sars, turns = [NAN], [NAN]
    fell, rose = low[0] - low[1], high[1] - high[0]
    is_rising = not (fell > 0 and fell > rose)
    sar = low[0] if is_rising else high[0]
    extreme = high[1] if is_rising else low[1]
    factor = 0.02
    for row in range(1, len(high)):
        before = max(row - 1, 1)
        is_turn = low[row] <= sar if is_rising else high[row] >= sar
        if is_turn:
            sar = (
                max(extreme, high[row], high[before])
                if is_rising
                else min(extreme, low[row], low[before])
            )
            is_rising = not is_rising
            factor, extreme = 0.02, high[row] if is_rising else low[row]
        elif (high[row] > extreme) if is_rising else (low[row] < extreme):
            extreme = high[row] if is_rising else low[row]
            factor = min(factor + 0.02, 0.2)
        sars.append(sar)
        turns.append(float(is_turn))
        sar += factor * (extreme - sar)
        sar = min(sar, low[row], low[before]) if is_rising else max(sar, high[row], high[before])
    return {("psar", "sar"): sars, ("psar", "isReversal"): turns}


def supertrend(high, low, close):
    reach = wilder(true_range(high, low, close), 10)
    found = {name: [NAN] * len(close) for name in ("superTrend", "upperBand", "lowerBand")}
    upper, lower, is_rising = NAN, NAN, False
    for row in range(10, len(close)):
        middle = (high[row] + low[row]) / 2
        top, bottom = middle + 3 * reach[row], middle - 3 * reach[row]
        if row == 10:
            upper, lower, is_rising = top, bottom, close[row] >= middle
        else:
            if top < upper or close[row - 1] > upper:
                upper = top
            if bottom > lower or close[row - 1] < lower:
                lower = bottom
        is_rising = close[row] > (lower if is_rising else upper)
        found["superTrend"][row] = lower if is_rising else upper
        found["lowerBand" if is_rising else "upperBand"][row] = found["superTrend"][row]
    return {("supertrend", name): values for name, values in found.items()}


def ichimoku(high, low, close):
    def middle(period):
        return on(lambda a, b: (a + b) / 2, each(high, period, max), each(low, period, min))

    tenkan, kijun = middle(9), middle(26)
    return {
        ("ichimoku", "tenkanSen"): tenkan,
        ("ichimoku", "kijunSen"): kijun,
        ("ichimoku", "senkouSpanA"): ago(on(lambda a, b: (a + b) / 2, tenkan, kijun), 26),
        ("ichimoku", "senkouSpanB"): ago(middle(52), 26),
        ("ichimoku", "chikouSpan"): (close[26:] + [NAN] * 26)[: len(close)],
    }


def ulcer(close):
    def depth(part):
        tops = [max(part[: at + 1]) for at in range(len(part))]
        return math.sqrt(
            mean([(100 * (x / top - 1)) ** 2 for x, top in zip(part, tops, strict=True)])
        )

    return {("ulcer", "ui"): each(close, 14, depth)}


def pairs(close, market):
    own = on(lambda a, b: a / b - 1, close, ago(close, 1))
    other = on(lambda a, b: a / b - 1, market, ago(market, 1))

    def both(left, right, period):
        found = []
        for row in range(len(left)):
            a, b = window(left, row, period), window(right, row, period)
            found.append(
                NAN
                if a is None or b is None
                else mean([(x - mean(a)) * (y - mean(b)) for x, y in zip(a, b, strict=True)])
            )
        return found

    a, b, ab = both(close, close, 20), both(market, market, 20), both(close, market, 20)
    link = on(lambda x, y, xy: ratio(xy, math.sqrt(x * y)), a, b, ab)
    return {
        ("beta", "returnsEval"): own,
        ("beta", "returnsMrkt"): other,
        ("beta", "beta"): on(
            lambda x, y: NAN if y < 1e-20 else x / y, both(own, other, 50), both(other, other, 50)
        ),
        ("corr", "varianceA"): a,
        ("corr", "varianceB"): b,
        ("corr", "covariance"): ab,
        ("corr", "correlation"): link,
        ("corr", "rSquared"): on(lambda x: x * x, link),
    }


def everything(rows, market):
    high, low, close, volume = rows
    return {
        **moving_averages(close),
        **kama(close),
        **oscillators(high, low, close),
        **adx(high, low, close),
        **macd(close),
        **channels(high, low, close),
        **flows(high, low, close, volume),
        **aroon(high, low),
        **psar(high, low),
        **supertrend(high, low, close),
        **ichimoku(high, low, close),
        **ulcer(close),
        **pairs(close, market),
    }
