using System.Globalization;
using Ringfence.Bench.Logs;
using Ringfence.Core.Fraud;

namespace Ringfence.Bench.Fraud;

/// <summary>One crime: what was stolen and what is done with it.</summary>
/// <param name="Shape">Its name in <see cref="AttackShapes"/>.</param>
/// <param name="Signs">What is seen of it besides calls to outside, in order of time.</param>
internal sealed record Attack(string Shape, IReadOnlyList<AttackLine> Lines, IReadOnlyList<SiteEvent> Signs);

/// <summary>One call after the other, by somebody who hears what becomes of them: who is refused or cut off tries again, the next number of his list.</summary>
/// <param name="Seed">Of its random numbers: they are the same whatever becomes of other lines.</param>
/// <param name="Number">By how many calls were before.</param>
internal sealed record AttackLine(ulong Seed, string Extension, long From, long Until, Func<SplitMix, int, string> Number)
{
    /// <summary>Seconds of talk.</summary>
    public (int Least, int Most) Talk { get; init; } = (600, 3600);

    /// <summary>Seconds from the end of a call to the next one.</summary>
    public (int Least, int Most) Gap { get; init; } = (2, 20);

    public double Answered { get; init; } = .9;

    public CallOrigin Origin { get; init; } = CallOrigin.Phone;

    public string Did { get; init; } = "";

    /// <summary>Hours of the day, of workdays alone: he knows when nobody wonders.</summary>
    public (double From, double To)? Hours { get; init; }

    /// <summary>Whether he waits as long after a refusal as after a call.</summary>
    public bool IsPatient { get; init; }

    public int MostCalls { get; init; } = int.MaxValue;
}

/// <summary>A line in one run: the same attack is tried on several defences.</summary>
internal sealed class AttackRun(AttackLine line)
{
    private const int Undaunted = 20;

    private readonly SplitMix _random = new(line.Seed);
    private int _calls;
    private int _refused;

    /// <summary>When he calls next; null: never again, or he is talking.</summary>
    public long? Due { get; private set; } = line.From;

    /// <summary>He calls, now that it is due.</summary>
    public PastCall Call(PhoneBook book, string id)
    {
        var at = Due!.Value;
        var isAnswered = _random.Share() < line.Answered;
        var call = book.Call(
            string.Create(CultureInfo.InvariantCulture, $"{id}-{_calls}"), at, line.Extension, line.Number(_random, _calls),
            isAnswered ? 1_000 + _random.Below(8_000) : 2_000 + _random.Below(30_000), isAnswered ? 1000L * Between(line.Talk) : 0, line.Origin, "", line.Did);
        _calls++;
        Due = null;
        return call;
    }

    /// <summary>His call ended, by himself or not.</summary>
    public void End(long at, bool isStopped)
    {
        _refused = isStopped ? _refused + 1 : 0;
        var seconds = !isStopped || line.IsPatient ? Between(line.Gap) : _refused <= Undaunted ? Between((5, 30)) : Between((120, 300));
        var next = at + (1000L * seconds);
        if (line.Hours is var (open, close) && (SiteCalendar.HoursOf(next) < open || SiteCalendar.HoursOf(next) > close || !SiteCalendar.IsWorkday(SiteCalendar.DayOf(next))))
        {
            var day = SiteCalendar.DayOf(next);
            day = SiteCalendar.HoursOf(next) < open && SiteCalendar.IsWorkday(day) ? day : day.AddDays(1);
            while (!SiteCalendar.IsWorkday(day))
            {
                day = day.AddDays(1);
            }

            next = SiteCalendar.At(day, open + ((close - open) * _random.Share()));
        }

        Due = next < line.Until && _calls < line.MostCalls ? next : null;
    }

    private int Between((int Least, int Most) range) => range.Least + _random.Below(range.Most - range.Least + 1);
}
