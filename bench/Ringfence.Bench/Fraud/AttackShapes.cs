using System.Globalization;
using Ringfence.Bench.Logs;
using Ringfence.Core.Fraud;

namespace Ringfence.Bench.Fraud;

/// <summary>Crimes as victims and researchers told them. Each is drawn anew from its random numbers: when, who is robbed, how much at once.</summary>
internal sealed class AttackShapes(PhoneBook book, SiteYear site, SplitMix random)
{
    private readonly List<SiteEvent> _signs = [];

    public static IReadOnlyList<(string Name, string Told, Func<AttackShapes, DateOnly, IEnumerable<AttackLine>> Make)> All { get; } =
    [
        ("night", "asterisk-users, 2010: 4,000 calls by ten addresses on one peer, 80 minutes of Sierra Leone are 200 USD", static (its, day) => its.Night(day)),
        ("low and slow", "the mission: a call or two a day, below what anybody counts", static (its, day) => its.LowAndSlow(day)),
        ("sequential", "cVidya, CFCA winter event 2013: numbers of one range one after the other, hot lists of risky ranges", static (its, day) => its.Sequential(day)),
        ("forward", "cVidya 2013 (all CDRs of the case were forwarded), Vodafone New Zealand 2017 (Gambia, Sierra Leone, Latvia)", static (its, day) => its.Forward(day)),
        ("voicemail", "a victim at MangoLassi: a voicemail's PIN, five days of the Caribbean, a large five-digit bill", static (its, day) => its.Voicemail(day)),
        ("wangiri", "FCC and others, 2019: one ring from Mauritania, and users call back", static (its, day) => its.Wangiri(day)),
        ("holiday", "New York Times, October 2014: 166,000 USD in a weekend to Gambia, Somalia and the Maldives from an office of seven", static (its, day) => its.Holiday(day)),
        ("four days", "Salem News, 2012: 900,000 USD in four days to Somalia over eight lines", static (its, day) => its.FourDays(day)),
        ("caribbean", "FTC and FCC on 876, 473 and 809, which look like numbers at home", static (its, day) => its.Simple(day, 22, 8, 4, ["JM", "GD", "DO"], (300, 1500))),
        ("satellite", "hot lists of IRSF ranges have Inmarsat, Iridium and +979", static (its, day) => its.Simple(day, 1, 5, 3, ["SAT", "SAT", "IPRS"], (400, 2400))),
        ("unallocated", "15 to 20 in 100 calls of fraud go to ranges that nobody was given", static (its, day) => its.Unallocated(day)),
        ("short calls", "farms of calls of half a minute, each below what is looked at", static (its, day) => its.Simple(day, 23, 7, 5, ["SO", "SL", "LV", "GM"], (20, 50))),
        ("usual country", "the victim's own habits: stolen from somebody who calls there every day", static (its, day) => its.UsualCountry(day)),
        ("by day", "hours in which the site calls anyway", static (its, day) => its.ByDay(day)),
        ("spare extension", "C. Oppedahl's blog: a spare extension's password guessed, Sunday morning, two mobiles in Albania, few calls answered", static (its, day) => its.Spare(day)),
        ("rotating", "several passwords stolen, each call another country", static (its, day) => its.Rotating(day)),
        ("one line", "the quietest of all: one call after the other, never two at once", static (its, day) => its.Few(day, 1)),
        ("two lines", "the same twice, on an evening or a day off", static (its, day) => its.Few(day, 2)),
        ("0900", "UK: calls to premium numbers at home by whoever rents them", static (its, day) => its.Simple(day, 20, 9, 3, ["DE0900"], (600, 1800))),
        ("resale", "asterisk-users 2010 and others: a stolen account carries somebody's wholesale traffic, to ordinary countries", static (its, day) => its.Resale(day)),
    ];

    /// <summary>Each shape some times, in another week each.</summary>
    /// <param name="from">The first day.</param>
    public static IReadOnlyList<Attack> Draw(PhoneBook book, SiteYear site, ulong seed, DateOnly from, int days, int times)
    {
        var random = new SplitMix(seed);
        var all = Enumerable.Range(0, All.Count * times).Select(static at => at % All.Count).ToArray();
        random.Shuffle<int>(all);
        var attacks = new List<Attack>();
        for (var at = 0; at < all.Length; at++)
        {
            var shapes = new AttackShapes(book, site, new SplitMix(random.Next()));
            var (name, _, make) = All[all[at]];
            AttackLine[] lines = [.. make(shapes, from.AddDays(days * at / all.Length))];
            attacks.Add(new Attack(name, lines, shapes._signs));
        }

        return attacks;
    }

    // Where the patient call: dear, and not the first that anybody looks for.
    private static readonly string[] Patient = ["LV", "GM", "TN", "ZW", "MV", "EE"];

    private IEnumerable<AttackLine> Night(DateOnly day)
    {
        var extension = Somebody("office");
        var from = SiteCalendar.At(Work(day), 24.5 + (2 * random.Share()));
        Moved(extension, from, .6);
        return Lines(8 + random.Below(5), extension, from, from + Hours(3.5 + (2 * random.Share())), "SL", (600, 4800));
    }

    private IEnumerable<AttackLine> LowAndSlow(DateOnly day)
    {
        var ranges = Patient.Skip(random.Below(3)).Take(3).ToArray();
        var from = SiteCalendar.At(Work(day), 9 + random.Share());
        yield return Line(Somebody("office"), from, from + Hours(24 * (14 + random.Below(14))), (its, _) => book.New(ranges[its.Below(3)], its), (180, 540)) with
        {
            Gap = (2 * 3600, 9 * 3600),
            Hours = (8, 17.5),
            IsPatient = true,
        };
    }

    private IEnumerable<AttackLine> Sequential(DateOnly day)
    {
        var extension = Somebody("office");
        var from = SiteCalendar.At(day, 19 + (3 * random.Share()));
        Moved(extension, from, .6);
        var first = book.New("LV", random)[..^4];
        return Enumerable.Range(0, 4).Select(line => Line(extension, from + (line * 20_000), from + Hours(6), (_, n) => first + ((n * 4) + line).ToString("0000", CultureInfo.InvariantCulture), (120, 400)));
    }

    private IEnumerable<AttackLine> Forward(DateOnly day)
    {
        // Everybody who calls in is put through; the thief is the one who calls in.
        var extension = Somebody("office");
        var target = book.New(((string[])["GM", "SL", "LV"])[random.Below(3)], random);
        var from = SiteCalendar.At(day, 18 + (4 * random.Share()));
        return Enumerable.Range(0, 6 + random.Below(6)).Select(line =>
            Line(extension, from + (line * 30_000), from + Hours(10), (_, _) => target, (900, 3000)) with { Origin = CallOrigin.Forwarded, Did = $"498912345{extension}" });
    }

    private IEnumerable<AttackLine> Voicemail(DateOnly day)
    {
        var extension = Somebody("office");
        var friday = day.AddDays(((int)DayOfWeek.Friday - (int)day.DayOfWeek + 7) % 7);
        var from = SiteCalendar.At(friday, 21);
        for (var wrong = 0; wrong < 6 + random.Below(20); wrong++)
        {
            _signs.Add(new SiteEvent(SiteEventKind.PinRefused, from - Hours(2) + (wrong * 90_000), extension, "", Origin: CallOrigin.DialledOn));
        }

        return Lines(3 + random.Below(3), extension, from, from + Hours(24 * 4.5), "JM", (600, 3000)).Select(static line => line with { Origin = CallOrigin.DialledOn });
    }

    private IEnumerable<AttackLine> Wangiri(DateOnly day)
    {
        var from = SiteCalendar.At(Work(day), 9.5 + (3 * random.Share()));
        string[] numbers = [.. Enumerable.Range(0, 3).Select(_ => book.New("TN", random))];
        for (var rang = 0; rang < 20 + random.Below(30); rang++)
        {
            _signs.Add(new SiteEvent(SiteEventKind.CallIn, from + (rang * 15_000), "", "+" + numbers[rang % 3][2..], 1 + random.Below(3)));
        }

        for (var back = 4 + random.Below(9); back > 0; back--)
        {
            var begin = from + 120_000 + random.Below(5_400_000);
            yield return Line(Somebody("office"), begin, begin + Hours(2), (its, _) => numbers[its.Below(3)], (40, 240)) with { Gap = (200, 900), IsPatient = true, MostCalls = 1 + random.Below(2) };
        }
    }

    private IEnumerable<AttackLine> Holiday(DateOnly day)
    {
        // From the evening before days on which nobody works until somebody comes.
        while (!SiteCalendar.IsWorkday(day) || SiteCalendar.IsWorkday(day.AddDays(1)))
        {
            day = day.AddDays(1);
        }

        var back = day.AddDays(1);
        while (!SiteCalendar.IsWorkday(back))
        {
            back = back.AddDays(1);
        }

        var (from, until) = (SiteCalendar.At(day, 20 + (3 * random.Share())), SiteCalendar.At(back, 7.5));
        string[] ranges = ["GM", "SO", "MV"];
        return Enumerable.Range(0, 30).Select(line => Line(site.People[random.Below(site.People.Count)].Extension, from + (line * 10_000), until, (its, _) => book.New(ranges[its.Below(3)], its), (900, 3600)));
    }

    private IEnumerable<AttackLine> FourDays(DateOnly day)
    {
        var extension = Somebody("office");
        var from = SiteCalendar.At(day, 17 + (6 * random.Share()));
        return Lines(8, extension, from, from + Hours(96), "SO", (1200, 7000)).Select(static line => line with { Origin = CallOrigin.DialledOn });
    }

    private IEnumerable<AttackLine> Simple(DateOnly day, double hour, double hours, int lines, string[] ranges, (int, int) talk)
    {
        var extension = Somebody("office");
        var from = SiteCalendar.At(day, hour + random.Share());
        Moved(extension, from, .6);
        return Enumerable.Range(0, lines + random.Below(3)).Select(line => Line(extension, from + (line * 7_000), from + Hours(hours), (its, _) => book.New(ranges[its.Below(ranges.Length)], its), talk));
    }

    private IEnumerable<AttackLine> Few(DateOnly day, int lines)
    {
        var extension = Somebody("office");
        var from = SiteCalendar.At(day, SiteCalendar.IsWorkday(day) ? 19 + (5 * random.Share()) : 9 + (12 * random.Share()));
        var range = ((string[])["SL", "GM", "LV", "ZW"])[random.Below(4)];
        Moved(extension, from, .6);
        return Lines(lines, extension, from, from + Hours(9), range, (1200, 3600));
    }

    private IEnumerable<AttackLine> Unallocated(DateOnly day)
    {
        var extension = Somebody("office");
        var from = SiteCalendar.At(day, 23 + (4 * random.Share()));
        (string Prefix, int Behind)[] ranges = [("232", 8), ("252", 8), ("371", 8), ("370", 8), ("44", 10)];
        return Enumerable.Range(0, 6).Select(line => Line(extension, from + (line * 9_000), from + Hours(5), (its, _) => ranges[its.Below(5)] is var (prefix, behind) ? book.Unallocated(prefix, behind, its) : "", (300, 1800)));
    }

    private IEnumerable<AttackLine> UsualCountry(DateOnly day)
    {
        var buyers = site.People.Where(static person => person.Role.Name == "purchasing" && person.Own[0] is not "CN").ToArray();
        buyers = buyers.Length > 0 ? buyers : [.. site.People.Where(static person => person.Own.Count > 0)];
        var buyer = buyers[random.Below(buyers.Length)];
        var from = SiteCalendar.At(day, 20 + (7 * random.Share()));
        Moved(buyer.Extension, from, .6);
        return Enumerable.Range(0, 5 + random.Below(4)).Select(line => Line(buyer.Extension, from + (line * 15_000), from + Hours(7), (its, _) => book.New(buyer.Own[its.Below(buyer.Own.Count)], its), (600, 3000)));
    }

    private IEnumerable<AttackLine> ByDay(DateOnly day)
    {
        var extension = Somebody("office");
        var from = SiteCalendar.At(Work(day), 9.5 + (2 * random.Share()));
        Moved(extension, from, .6);
        string[] ranges = ["GM", "SL", "ZW", "LV"];
        return Enumerable.Range(0, 3).Select(line => Line(extension, from + (line * 60_000), from + Hours(5.5), (its, _) => book.New(ranges[its.Below(4)], its), (300, 720)));
    }

    private IEnumerable<AttackLine> Spare(DateOnly day)
    {
        var sunday = day.AddDays((7 - (int)day.DayOfWeek) % 7);
        var from = SiteCalendar.At(sunday, 8 + random.Share());
        string[] mobiles = [book.New("ALm", random), book.New("ALm", random)];
        Moved("401", from, .6);

        // Nobody uses it: the last number of the site's, behind all people.
        return Enumerable.Range(0, 3).Select(line => Line("401", from + (line * 120_000), from + Hours(9), (its, _) => mobiles[its.Below(2)], (60, 1500)) with { Answered = .4, Gap = (20, 300) });
    }

    private IEnumerable<AttackLine> Rotating(DateOnly day)
    {
        var from = SiteCalendar.At(day, 22 + (3 * random.Share()));
        string[] ranges = ["SL", "SO", "GM", "ZW", "LV", "MV", "CU", "EE", "TN", "JM", "GD", "LR"];
        return Enumerable.Range(0, 6).Select(line => Line(Somebody("office"), from + (line * 45_000), from + Hours(7), (its, n) => book.New(ranges[(n + line) % ranges.Length], its), (240, 600)));
    }

    private IEnumerable<AttackLine> Resale(DateOnly day)
    {
        var extension = Somebody("office");
        var from = SiteCalendar.At(day, 18 * random.Share());
        Moved(extension, from, .6);
        string[] ranges = ["NGm", "PHm", "UAm", "INm", "VNm", "BR", "PA"];
        return Enumerable.Range(0, 12).Select(line => Line(extension, from + (line * 4_000), from + Hours(30), (its, _) => book.New(ranges[its.Below(ranges.Length)], its), (60, 420)) with { Answered = .6 });
    }

    private IEnumerable<AttackLine> Lines(int count, string extension, long from, long until, string range, (int, int) talk) =>
        Enumerable.Range(0, count).Select(line => Line(extension, from + (line * 5_000), until, (its, _) => book.New(range, its), talk));

    private AttackLine Line(string extension, long from, long until, Func<SplitMix, int, string> number, (int, int) talk) => new(random.Next(), extension, from, until, number) { Talk = talk };

    // The thief's phone registers from where the account never was; not if he sits in the office's network, or in a phone that was left open.
    private void Moved(string extension, long at, double share)
    {
        if (random.Share() < share)
        {
            _signs.Add(new SiteEvent(SiteEventKind.NewPlace, at - 60_000 - random.Below(600_000), extension, ""));
        }
    }

    private string Somebody(string role)
    {
        var people = site.People.Where(person => person.Role.Name == role).ToArray();
        people = people.Length > 0 ? people : [.. site.People];
        return people[random.Below(people.Length)].Extension;
    }

    private static long Hours(double hours) => (long)(hours * 3_600_000);

    private static DateOnly Work(DateOnly day)
    {
        while (!SiteCalendar.IsWorkday(day))
        {
            day = day.AddDays(1);
        }

        return day;
    }
}
