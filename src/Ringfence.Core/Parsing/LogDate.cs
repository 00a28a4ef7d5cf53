namespace Ringfence.Core.Parsing;

/// <summary>Reads the date of a log line, whatever dateformat logger.conf has: the ten of the corpus and their relatives.</summary>
/// <remarks>
/// Keeps the last text and its answer: a log repeats its date for every line of a second. Of the two orders of day and month, and of the two
/// hours that a clock without a zone shows twice in autumn, the text alone does not tell which is meant: see <see cref="DayAndMonth"/> and <see cref="OffsetAt"/>.
/// </remarks>
internal sealed class LogDate(TimeZoneInfo zone)
{
    // Lines of several threads are a little out of order, and a clock is put right by a little.
    private static readonly long Disorder = 5 * TimeSpan.TicksPerMinute;

    private enum DayOrder
    {
        Unknown,

        /// <summary>By what is likely, until a date proves the one or the other.</summary>
        GuessDayFirst,
        GuessMonthFirst,
        DayFirst,
        MonthFirst,
    }

    private readonly byte[] _lastText = new byte[48];
    private int _lastLength = -1;
    private long _lastTicks;
    private DayOrder _order;
    private bool _learns;
    private bool _isKnownReference;
    private long _newestTicks = long.MinValue;
    private long _offsetMinute = -1;
    private long _offsetTicks;

    /// <summary>A moment shortly after which nothing in the log can lie: gives dates without a year ("Nov 21 00:15:05") theirs.</summary>
    public DateTimeOffset Reference
    {
        get;
        set
        {
            field = value;
            _isKnownReference = true;
        }
    } = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="learns">false: somebody may have invented it, and the order of day and month is not taken from it.</param>
    /// <returns>UTC ticks, or null if the text is no date.</returns>
    public long? Read(ReadOnlySpan<byte> text, bool learns = true)
    {
        _learns = learns;
        if (text.Length == _lastLength && text.SequenceEqual(_lastText.AsSpan(0, _lastLength)))
        {
            return _lastTicks;
        }

        if (text.Length > _lastText.Length || Parse(text) is not { } ticks)
        {
            return null;
        }

        text.CopyTo(_lastText);
        _lastLength = text.Length;
        _newestTicks = Math.Max(_newestTicks, ticks);
        _lastTicks = ticks;
        return ticks;
    }

    private long? Parse(ReadOnlySpan<byte> text)
    {
        var at = new Scan(text);
        if (text.Length >= 9 && at.AllDigitsOrDot)
        {
            return Epoch(text);
        }

        // "Sat Nov 21 00:15:46 2026" and "Nov 21 00:15:05"
        if (text.Length > 4 && char.IsAsciiLetter((char)text[0]))
        {
            var month = Month(at.Word());
            if (month == 0)
            {
                at.Blanks();
                month = Month(at.Word());
            }

            at.Blanks();
            var day = at.Number(2);
            at.Blanks();
            var clock = at.Clock();
            at.Blanks();
            var year = at.AtEnd ? 0 : at.Number(4);
            return at.AtEnd && month > 0 ? Utc(year, month, day, clock, null) : null;
        }

        var first = at.Number(4);
        var separator = at.Take();
        if (separator is not ((byte)'-' or (byte)'/' or (byte)'.'))
        {
            return null;
        }

        // Web servers: 21/Nov/2026:10:20:30 +0000.
        if (separator == '/' && text.Length > 3 && char.IsAsciiLetter((char)text[at.Place]))
        {
            var name = Month(at.Word());
            var slash = at.Take();
            var year = at.Number(4);
            var colon = at.Take();
            var hours = at.Clock();
            var from = at.Offset();
            return at.AtEnd && slash == '/' && colon == ':' && name > 0 && year > 0 ? Utc(year, name, first, hours, from) : null;
        }

        var second = at.Number(2);
        if (at.Take() != separator)
        {
            return null;
        }

        var third = at.Number(4);
        var gap = at.Take();
        if (gap is not ((byte)'T' or (byte)' '))
        {
            return null;
        }

        var time = at.Clock();
        var offset = at.Offset();
        if (!at.AtEnd || first < 0 || second < 0 || third < 0)
        {
            return null;
        }

        return first > 31 ? Utc(first, second, third, time, offset) : DayAndMonth(first, second, third, time, offset);
    }

    // 21/11/2026 or 11/21/2026: a number above 12 is the day, for all of the log from then on. Until one came, 01/02/2026 is read as the day that is
    // nearest before the reference: of a log that is being written that is today, of an old one the day on which it was written last. And not
    // anew for each line: the order of one log does not change.
    private long? DayAndMonth(int first, int second, int year, long time, long? offset)
    {
        if (first > 12 || second > 12)
        {
            var (order, day, month) = first > 12 ? (DayOrder.DayFirst, first, second) : (DayOrder.MonthFirst, second, first);
            var proof = Utc(year, month, day, time, offset);
            _order = proof is null || !_learns ? _order : order;
            return proof;
        }

        if (_order == DayOrder.Unknown && first != second && _learns)
        {
            _order = Guess(Utc(year, second, first, time, offset), Utc(year, first, second, time, offset));
        }

        return _order is DayOrder.MonthFirst or DayOrder.GuessMonthFirst ? Utc(year, first, second, time, offset) : Utc(year, second, first, time, offset);
    }

    private DayOrder Guess(long? dayFirst, long? monthFirst)
    {
        if (!_isKnownReference || dayFirst is not { } day || monthFirst is not { } month)
        {
            return DayOrder.GuessDayFirst;
        }

        var latest = Reference.UtcTicks + TimeSpan.TicksPerDay;
        return month <= latest && (day > latest || month > day) ? DayOrder.GuessMonthFirst : DayOrder.GuessDayFirst;
    }

    private static long? Epoch(ReadOnlySpan<byte> text)
    {
        var dot = text.IndexOf((byte)'.');
        var whole = dot < 0 ? text : text[..dot];
        if (whole.Length is < 9 or > 11)
        {
            return null;
        }

        long seconds = 0;
        foreach (var digit in whole)
        {
            seconds = (seconds * 10) + (digit - '0');
        }

        return DateTime.UnixEpoch.Ticks + (seconds * TimeSpan.TicksPerSecond) + (dot < 0 ? 0 : Fraction(text[(dot + 1)..]));
    }

    // Digits behind the point, as ticks.
    internal static long Fraction(ReadOnlySpan<byte> digits)
    {
        long ticks = 0;
        for (var i = 0; i < 7; i++)
        {
            ticks = (ticks * 10) + (i < digits.Length && (uint)(digits[i] - '0') <= 9 ? digits[i] - '0' : 0);
        }

        return ticks;
    }

    private long? Utc(int year, int month, int day, long clock, long? offset)
    {
        var yearGiven = year > 0;
        if (!yearGiven)
        {
            year = Reference.Year;
        }

        if (clock < 0 || month is < 1 or > 12 || year is < 1970 or > 9998 || day < 1)
        {
            return null;
        }

        // A year without 29 February is not the one that was meant.
        if (!yearGiven && month == 2 && day == 29 && !DateTime.IsLeapYear(year))
        {
            year--;
        }

        if (day > DateTime.DaysInMonth(year, month))
        {
            return null;
        }

        var local = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Unspecified).AddTicks(clock);
        if (offset is { } given)
        {
            return local.Ticks - given;
        }

        var utc = local.Ticks - OffsetAt(local);
        return !yearGiven && utc > Reference.UtcTicks + TimeSpan.TicksPerDay ? Utc(year - 1, month, day, clock, null) : utc;
    }

    // Kept for the minute: looking it up costs more than reading the date.
    private long OffsetAt(DateTime local)
    {
        var minute = local.Ticks / TimeSpan.TicksPerMinute;
        if (minute == _offsetMinute)
        {
            return _offsetTicks;
        }

        if (zone.IsAmbiguousTime(local))
        {
            return OffsetOfTwice(local);
        }

        _offsetMinute = minute;
        _offsetTicks = zone.GetUtcOffset(local).Ticks;
        return _offsetTicks;
    }

    // The clock shows this hour twice. It is the first one, unless that lies before what the log told already, or the second one is right now
    // and the log does not go on in the first.
    private long OffsetOfTwice(DateTime local)
    {
        var offsets = zone.GetAmbiguousTimeOffsets(local);
        var (summer, winter) = (offsets.Max().Ticks, offsets.Min().Ticks);
        var (first, second) = (local.Ticks - summer, local.Ticks - winter);
        var isFuture = _isKnownReference && second > Reference.UtcTicks + Disorder;
        var isNow = _isKnownReference && Math.Abs(second - Reference.UtcTicks) <= Disorder;
        var isBack = first < _newestTicks - Disorder;
        var goesOn = !isBack && first <= _newestTicks + Disorder;
        return !isFuture && (isBack || (isNow && !goesOn)) ? winter : summer;
    }

    private static int Month(ReadOnlySpan<byte> name)
    {
        if (name.Length != 3)
        {
            return 0;
        }

        var at = "JanFebMarAprMayJunJulAugSepOctNovDec"u8.IndexOf(name);
        return at >= 0 && at % 3 == 0 ? (at / 3) + 1 : 0;
    }

    private static readonly System.Buffers.SearchValues<byte> DigitsAndPoint = System.Buffers.SearchValues.Create("0123456789."u8);

    private ref struct Scan(ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private int _at;

        public readonly bool AtEnd => _at == _text.Length;

        /// <summary>Where it stands; the last place at the end.</summary>
        public readonly int Place => Math.Min(_at, _text.Length - 1);

        public readonly bool AllDigitsOrDot => _text.IndexOfAnyExcept(DigitsAndPoint) < 0;

        public byte Take() => _at < _text.Length ? _text[_at++] : (byte)0;

        public void Blanks()
        {
            while (_at < _text.Length && _text[_at] == ' ')
            {
                _at++;
            }
        }

        public ReadOnlySpan<byte> Word()
        {
            var start = _at;
            while (_at < _text.Length && char.IsAsciiLetter((char)_text[_at]))
            {
                _at++;
            }

            return _text[start.._at];
        }

        /// <returns>-1 if there is no digit here.</returns>
        public int Number(int longest)
        {
            var start = _at;
            var value = 0;
            while (_at < _text.Length && _at - start < longest && (uint)(_text[_at] - '0') <= 9)
            {
                value = (value * 10) + (_text[_at++] - '0');
            }

            return _at == start ? -1 : value;
        }

        /// <summary>"00:15:05", with or without a fraction.</summary>
        /// <returns>Ticks since midnight, or -1.</returns>
        public long Clock()
        {
            var hour = Number(2);
            var colon1 = Take();
            var minute = Number(2);
            var colon2 = Take();
            var second = Number(2);
            if (colon1 != ':' || colon2 != ':' || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
            {
                return -1;
            }

            long fraction = 0;
            if (_at < _text.Length && _text[_at] is (byte)'.' or (byte)',')
            {
                var start = ++_at;
                while (_at < _text.Length && (uint)(_text[_at] - '0') <= 9)
                {
                    _at++;
                }

                fraction = Fraction(_text[start.._at]);
            }

            return ((((hour * 60L) + minute) * 60) + second) * TimeSpan.TicksPerSecond + fraction;
        }

        /// <summary>"Z", "+0000", "+00:00", or nothing.</summary>
        public long? Offset()
        {
            Blanks();
            if (_at >= _text.Length)
            {
                return null;
            }

            var sign = Take();
            if (sign == 'Z')
            {
                return 0;
            }

            if (sign is not ((byte)'+' or (byte)'-'))
            {
                _at = -1;
                return null;
            }

            var hour = Number(2);
            if (_at < _text.Length && _text[_at] == ':')
            {
                _at++;
            }

            var minute = Number(2);
            if (hour is < 0 or > 15 || minute is < 0 or > 59)
            {
                _at = -1;
                return null;
            }

            var ticks = ((hour * 60L) + minute) * TimeSpan.TicksPerMinute;
            return sign == '-' ? -ticks : ticks;
        }
    }
}
