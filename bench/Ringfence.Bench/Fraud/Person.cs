using System.Globalization;
using Ringfence.Bench.Logs;

namespace Ringfence.Bench.Fraud;

/// <summary>One extension and whom it calls.</summary>
internal sealed class Person
{
    // Where people have their families; most of them the risk deck has as high.
    private static readonly string[] Families = ["TRm", "BAm", "XKm", "MAm", "NGm", "PHm", "ALm", "UAm", "TNm", "RSm", "PL", "ITm"];

    // Where somebody has to call once: a supplier's supplier, a visitor's hotel, a lost suitcase.
    private static readonly string[] Elsewhere = ["ES", "SE", "PL", "JP", "IN", "BR", "HK", "US", "TR", "CN", "GBm", "FRm", "ITm", "PA", "LV", "LT", "EE", "RS", "BA", "AL", "MA", "TN", "BY", "GE", "LB", "DO", "MV", "SC"];
    private static readonly string[] Campaigns = ["AT", "CH", "NL", "GB", "FR", "PL", "US", "DE"];

    private readonly (string Range, double Weight)[] _calls;
    private readonly double[] _weights;
    private string[] _own;
    private readonly Dictionary<string, List<string>> _known = new(StringComparer.Ordinal);
    private readonly int[] _vacation;
    private readonly string? _family;
    private readonly int[] _campaigns;
    private string? _list;
    private DateOnly _leaves;

    public Person(string extension, Role role, int head, PhoneBook book, SplitMix random)
    {
        (Extension, Role, Random) = (extension, role, random);
        var words = role.Calls.Split(' ');
        _calls = [.. Enumerable.Range(0, words.Length / 2).Select(at => (words[at * 2], double.Parse(words[(at * 2) + 1], CultureInfo.InvariantCulture)))];
        if (role.Name == "forwarding" && head < 2)
        {
            // Away for months: one lives in Serbia, the other in Austria.
            _calls = [(head == 0 ? "RSm" : "ATm", 1)];
        }

        _weights = [.. _calls.Select(static call => call.Weight)];
        _own = role.Own.Length == 0 ? [] : role.Own[0].Contains(',', StringComparison.Ordinal) ? role.Own[head % role.Own.Length].Split(',')
            : [.. Enumerable.Range(0, 3).Select(_ => role.Own[random.Below(role.Own.Length)])];
        _vacation = [random.Below(52), 27 + random.Below(10), 27 + random.Below(10), random.Below(52)];
        _family = role.Name is "office" or "call centre" or "sales" && random.Share() < .09 ? Families[random.Below(Families.Length)] : null;
        _campaigns = role.Name == "sales" ? [.. Enumerable.Range(0, 4).Select(_ => random.Below(52))] : [];
        Diligence = role.Name is "office" or "sales" ? Draw.LogNormal(random, 1, .45) : 1;
        Caller = book.New("DE", random);
    }

    public string Extension { get; }

    public Role Role { get; }

    public SplitMix Random { get; }

    public double Diligence { get; }

    public string Caller { get; }

    /// <summary>Ranges that he calls besides what everybody does.</summary>
    public IReadOnlyList<string> Own => _own;

    /// <summary>In a hotel's room another guest, from another country, who knows other people; one in three nights nobody.</summary>
    public void CheckIn(DateOnly day)
    {
        if (Role.Name == "room" && day >= _leaves)
        {
            _leaves = day.AddDays(1 + Random.Below(5));
            _own = Random.Share() < .33 ? [] : [Role.Own[Random.Below(Role.Own.Length)]];
            _known.Clear();
        }
    }

    public bool IsAway(DateOnly day) => Role.Name == "room" ? _own.Length == 0 : Role.Name is not ("guards" or "fax" or "alarm dialler" or "lift" or "duty") && (_vacation.Contains(ISOWeek.GetWeekOfYear(day.ToDateTime(TimeOnly.MinValue)) - 1) || Random.Share() < .03);

    /// <returns>null: an ordinary day.</returns>
    public string? CampaignOn(DateOnly day)
    {
        var at = Array.IndexOf(_campaigns, ISOWeek.GetWeekOfYear(day.ToDateTime(TimeOnly.MinValue)) - 1);
        return at < 0 ? null : Campaigns[(_campaigns[0] + at) % Campaigns.Length];
    }

    public string PickRange() =>
        _own.Length > 0 && Random.Share() < Role.OwnShare ? _own[Random.Below(_own.Length)] : _calls[Draw.Weighted(Random, _weights)].Range;

    /// <summary>Somebody whom he has called before, or not yet; in a call centre the next of the list.</summary>
    public string PickNumber(string range, PhoneBook book)
    {
        if (Role.Name == "call centre" && range == "DE")
        {
            // Lists are made by area, and lie in order of their numbers.
            _list = _list is null || Random.Share() < .01 ? book.New(range, Random) : Next(_list, 1 + Random.Below(3));
            return _list;
        }

        if (!_known.TryGetValue(range, out var known))
        {
            _known[range] = known = [];
        }

        // The more he knows the seldomer somebody is new, and who has been called often is called again.
        if (known.Count == 0 || Random.Share() < (Role.Name is "call centre" or "calls abroad" ? .8 : Role.Name is "alarm dialler" or "lift" or "forwarding" ? 0 : 6.0 / (6 + known.Count)))
        {
            known.Add(book.New(range, Random));
            return known[^1];
        }

        return known[(int)(known.Count * Random.Share() * Random.Share())];
    }

    /// <summary>What does not come every day: hour, number, median of the talk, share that is answered.</summary>
    public IEnumerable<(double Hour, string Dialled, double Talk, double Answered)> Rarities(DateOnly day, PhoneBook book)
    {
        if (_family is not null && Random.Share() < .05)
        {
            yield return (Random.Share() < .5 ? 12 + Random.Share() : 17 + (1.7 * Random.Share()), PickNumber(_family, book), 600, .7);
        }

        if (Role.Name is "office" or "sales" or "management" or "conferences" && Random.Share() < .007)
        {
            var range = Elsewhere[Random.Below(Elsewhere.Length)];
            for (var left = 1 + Random.Below(3); left > 0; left--)
            {
                yield return (8.5 + (8 * Random.Share()), PickNumber(range, book), 200, .7);
            }
        }

        if (Role.Name is "conferences" && Random.Share() < .3)
        {
            // Bridges abroad as well; one in forty nobody hangs up.
            yield return (9 + (6 * Random.Share()), PickNumber(Random.Share() < .7 ? "DE" : Random.Share() < .5 ? "US" : "GB", book), Random.Share() < .025 ? 15_000 : 4000, 1);
        }

        if (Role.Name == "office" && Random.Share() < .0004)
        {
            yield return (8 + (9 * Random.Share()), Random.Share() < .5 ? "112" : "110", 120, 1);
        }

        if (Role.Name is "management" && day.DayOfWeek == DayOfWeek.Monday && Random.Share() < .3)
        {
            yield return (21 + Random.Share(), PickNumber("US", book), 2400, .9);
        }

        if (Role.Name == "office" && Random.Share() < .001)
        {
            yield return (9 + (7 * Random.Share()), "11833", 60, .95);
        }
    }

    private static string Next(string number, int by) => number[..^4] + ((int.Parse(number.AsSpan(^4), NumberStyles.None, CultureInfo.InvariantCulture) + by) % 10_000).ToString("0000", CultureInfo.InvariantCulture);
}
