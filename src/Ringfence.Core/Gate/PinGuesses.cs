namespace Ringfence.Core.Gate;

/// <summary>Who may try a PIN now: few are tried of one extension's PIN (<see cref="PinBook.Key"/>), and few of all together. One caller at a time.</summary>
/// <remarks>
/// A PIN of four digits is one of 10,000, and whoever has a phone's password can dial all night: five tries and then a wait that doubles up to a day leave him 11 in the first day, one chance in 900, and one in each day behind it.
/// Over many extensions he would have more, so all failures count together too.
/// </remarks>
internal sealed class PinGuesses
{
    /// <summary>Wrong ones of an extension before it has to wait.</summary>
    public const int Free = 5;

    /// <summary>Wrong ones of all within <see cref="Together"/>, before nobody's is tried.</summary>
    public const int MostOfAll = 50;

    /// <summary>Those that are remembered: they are the site's own.</summary>
    public const int MostPins = 10_000;

    public const long Together = 3_600_000;

    private const long FirstWait = 15 * 60_000;
    private const long LongestWait = 24 * 3_600_000;

    private readonly Dictionary<string, (int Failures, long NotBefore)> _pins = new(StringComparer.Ordinal);
    private readonly List<long> _failures = [];

    /// <returns>When it may be tried again; null: now.</returns>
    public long? LockedUntil(string pin, long now)
    {
        _failures.RemoveAll(at => at <= now - Together || at > now);

        // A clock that was set back would make somebody wait for longer than there is.
        var own = _pins.GetValueOrDefault(pin).NotBefore is var until && until > now && until - now <= LongestWait ? until : (long?)null;
        return own ?? (_failures.Count >= MostOfAll ? _failures[0] + Together : null);
    }

    public void Fail(string pin, long now)
    {
        if (_pins.Count == MostPins && !_pins.ContainsKey(pin))
        {
            _pins.Remove(_pins.MinBy(static pair => pair.Value.NotBefore).Key);
        }

        var failures = Math.Min(_pins.GetValueOrDefault(pin).Failures + 1, 1000);
        var doublings = failures - Free;
        _pins[pin] = (failures, doublings < 0 ? 0 : now + (doublings >= 7 ? LongestWait : FirstWait << doublings));
        _failures.Add(now);
        if (_failures.Count > MostOfAll)
        {
            _failures.RemoveAt(0);
        }
    }

    /// <summary>The right one was given, by a try that was counted as a wrong one until it was known.</summary>
    /// <param name="at">When that was.</param>
    public void Succeed(string pin, long at)
    {
        _pins.Remove(pin);
        _failures.Remove(at);
    }
}
