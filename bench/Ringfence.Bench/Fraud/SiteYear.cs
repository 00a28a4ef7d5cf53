using System.Globalization;
using Ringfence.Bench.Logs;
using Ringfence.Core.Fraud;

namespace Ringfence.Bench.Fraud;

/// <summary>The calls of an honest site, as unpleasant as such calls are: the same for the same seed.</summary>
/// <remarks>What a brake may be wrong about is in it on purpose: people who call the risk deck's "high" for a living, family abroad, holiday duty, campaigns, lists of customers in order of their numbers, conferences of hours
/// and some that nobody hung up, mistyped numbers (a zero too much makes a Berlin number a Greek one), forwarding abroad, faxes that try again, missed calls from abroad that are called back, phones that register from new places.</remarks>
internal sealed class SiteYear
{
    private const int First = 201;

    private readonly PhoneBook _book;
    private readonly SplitMix _random;
    private readonly List<PastCall> _calls = [];
    private readonly List<SiteEvent> _events = [];
    private int _number;

    private SiteYear(PhoneBook book, ulong seed)
    {
        _book = book;
        _random = new SplitMix(seed);
    }

    /// <summary>In order of time.</summary>
    public IReadOnlyList<PastCall> Calls => _calls;

    /// <summary>In order of time.</summary>
    public IReadOnlyList<SiteEvent> Events => _events;

    public IReadOnlyList<Person> People { get; private set; } = [];

    /// <param name="roles">null: the site of 200 extensions.</param>
    public static SiteYear Make(PhoneBook book, ulong seed, DateOnly from, int days, IReadOnlyList<Role>? roles = null)
    {
        var site = new SiteYear(book, seed);
        site.People = [.. site.Hire(roles ?? Role.All)];
        foreach (var person in site.People)
        {
            for (var day = 0; day < days; day++)
            {
                site.Live(person, from.AddDays(day));
            }
        }

        site.Ring(from, days);
        site._calls.Sort(static (one, other) => one.Attempt.At != other.Attempt.At ? one.Attempt.At.CompareTo(other.Attempt.At) : string.CompareOrdinal(one.Id, other.Id));
        site._events.Sort(static (one, other) => one.At != other.At ? one.At.CompareTo(other.At) : string.CompareOrdinal(one.Extension, other.Extension));
        return site;
    }

    private IEnumerable<Person> Hire(IReadOnlyList<Role> roles)
    {
        var extension = First;
        foreach (var role in roles)
        {
            for (var head = 0; head < role.Heads; head++)
            {
                yield return new Person((extension++).ToString(CultureInfo.InvariantCulture), role, head, _book, new SplitMix(_random.Next()));
            }
        }
    }

    private void Live(Person person, DateOnly day)
    {
        var random = person.Random;
        person.CheckIn(day);
        if (person.IsAway(day))
        {
            return;
        }

        var isWorkday = SiteCalendar.IsWorkday(day);
        var campaign = isWorkday ? person.CampaignOn(day) : null;
        var many = (isWorkday ? person.Role.Workday * person.Diligence * SiteCalendar.Season(day) : person.Role.DayOff) * (campaign is null ? 1 : 3.2);
        var planned = new List<(double Hour, string Dialled, double Talk, double Answered)>();
        for (var left = Draw.Poisson(random, many); left > 0; left--)
        {
            var range = campaign is not null && random.Share() < .85 ? campaign : person.PickRange();
            planned.Add((Draw.Hour(random, person.Role.Hours), person.PickNumber(range, _book), person.Role.Talk * (range == "SAT" ? .9 : 1), person.Role.Answered));
        }

        if (isWorkday)
        {
            planned.AddRange(person.Rarities(day, _book));
        }

        planned.Sort(static (one, other) => one.Hour.CompareTo(other.Hour));
        var free = 0L;
        foreach (var (hour, dialled, median, answered) in planned)
        {
            var at = SiteCalendar.At(day, hour);

            // One call after the other, but for those who hold one for another.
            at = at < free && person.Role.Name != "forwarding" && random.Share() > .04 ? free + 5_000 + random.Below(60_000) : at;
            free = Math.Max(free, Call(person, at, dialled, median, answered));
        }
    }

    private long Call(Person person, long at, string dialled, double median, double answered)
    {
        var random = person.Random;
        if (random.Share() < .012 && Draw.Mistyped(random, dialled) is { } wrong)
        {
            // An announcement, or a stranger who says that it is the wrong number.
            at = Add(person, at, wrong, random.Share() < .1 ? 8_000 + random.Below(15_000) : 0) + 4_000 + random.Below(10_000);
        }

        var isForeign = dialled.StartsWith("00", StringComparison.Ordinal);
        if (random.Share() < (isForeign ? .12 : .03))
        {
            // They rang first, and nobody was there.
            _events.Add(new SiteEvent(SiteEventKind.CallIn, at - 60_000 - random.Below(3_000_000), "", "+" + (isForeign ? dialled[2..] : "49" + dialled[1..]), 4 + random.Below(25)));
        }

        // Whoever is not reached is tried again: faxes soon, people later.
        var tries = person.Role.Name == "fax" ? 4 : random.Share() < .25 ? 2 : 1;
        while (true)
        {
            if (random.Share() < answered)
            {
                return Add(person, at, dialled, (long)(1000 * Math.Clamp(Draw.LogNormal(random, median, person.Role.Spread), 2, 6 * 3600)));
            }

            var end = Add(person, at, dialled, 0);
            if (--tries <= 0)
            {
                return end;
            }

            at = end + (person.Role.Name == "fax" ? 60_000 : 10_000 + random.Below(120_000));
        }
    }

    private long Add(Person person, long at, string dialled, long talk)
    {
        var isForwarded = person.Role.Name == "forwarding";
        var ring = talk > 0 ? 2_000 + person.Random.Below(15_000) : 1_000 + person.Random.Below(40_000);
        _calls.Add(_book.Call(
            $"c{_number++}", at, person.Extension, dialled, ring, talk, isForwarded ? CallOrigin.Forwarded : CallOrigin.Phone,
            isForwarded ? person.Caller : person.Extension, isForwarded ? $"498912345{person.Extension}" : ""));
        return at + ring + talk;
    }

    // What else is seen: calls in that nobody took, phones that travel, PINs that are mistyped.
    private void Ring(DateOnly from, int days)
    {
        for (var number = 0; number < days; number++)
        {
            var day = from.AddDays(number);
            for (var left = Draw.Poisson(_random, SiteCalendar.IsWorkday(day) ? 35 : 6); left > 0; left--)
            {
                var caller = _book.New(_random.Share() < .93 ? "DE" : _random.Share() < .5 ? "FR" : "TN", _random);
                _events.Add(new SiteEvent(SiteEventKind.CallIn, SiteCalendar.At(day, 7 + (12 * _random.Share())), "", "+" + (caller.StartsWith("00", StringComparison.Ordinal) ? caller[2..] : "49" + caller[1..]), 1 + _random.Below(40)));
            }

            for (var left = Draw.Poisson(_random, SiteCalendar.IsWorkday(day) ? 1.6 : .4); left > 0; left--)
            {
                _events.Add(new SiteEvent(SiteEventKind.NewPlace, SiteCalendar.At(day, 6 + (16 * _random.Share())), People[_random.Below(People.Count)].Extension, ""));
            }

            for (var left = Draw.Poisson(_random, .4); left > 0; left--)
            {
                _events.Add(new SiteEvent(SiteEventKind.PinRefused, SiteCalendar.At(day, 8 + (10 * _random.Share())), People[_random.Below(People.Count)].Extension, ""));
            }
        }
    }
}
