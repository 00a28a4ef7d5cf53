using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>Calls, time and money of a group.</summary>
internal sealed class CallSum
{
    public int Calls { get; private set; }

    /// <summary>Seconds that somebody answered.</summary>
    public long Seconds { get; private set; }

    /// <summary>Millionths.</summary>
    public long Cost { get; private set; }

    /// <param name="calls">0: it goes on with one that was counted.</param>
    public void Add(long seconds, long cost, int calls = 1)
    {
        Calls += calls;
        Seconds += seconds;
        Cost += cost;
    }
}

/// <summary>A call to outside with what it cost.</summary>
/// <param name="Cost">Millionths.</param>
internal readonly record struct RatedCall(CallRecord Call, PhoneNumber Number, string Risk, long Cost);

/// <summary>What a site's calls to outside came to: by class of risk, by country, by extension, and the ones that stand out.</summary>
/// <param name="most">How many of the dearest and longest are kept.</param>
/// <param name="times">null: nobody asks for days and hours.</param>
/// <param name="from">Seconds since 1970: calls that began earlier are left out.</param>
/// <param name="to">Calls that began then or later are, too.</param>
internal sealed class CallSummary(DiallingRules rules, Tariff tariff, int most, CallTimes? times = null, long from = long.MinValue, long to = long.MaxValue)
{
    private const int MostLeft = 65_536;

    private readonly RecordNumbers _numbers = new(rules, tariff, static _ => null);
    private readonly Dictionary<string, CallSum> _byRisk = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CallSum> _byRegion = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CallSum> _bySource = new(StringComparer.Ordinal);
    private readonly SeenRecords _seen = new();
    private readonly Dictionary<(string Trunk, string Dialled), Left> _left = [];
    private readonly Best _dearest = new(most, static (one, other) => one.Cost.CompareTo(other.Cost));
    private readonly Best _longest = new(most, static (one, other) => one.Call.Billed.CompareTo(other.Call.Billed));

    /// <summary>Records of any kind.</summary>
    public int Records { get; private set; }

    /// <summary>Records of calls to outside that are there twice, and count once.</summary>
    public int Doubled { get; private set; }

    /// <summary>Calls to numbers of the world.</summary>
    public CallSum Outside { get; } = new();

    /// <summary>Calls to short numbers of the carrier's network, of no country and in no plan: what the brake and the backtest count for them is a guess.</summary>
    public CallSum Short { get; } = new();

    /// <summary>Those to numbers that nobody can have.</summary>
    public CallSum Invalid { get; } = new();

    /// <summary>Those that left the site's country.</summary>
    public CallSum Abroad { get; } = new();

    /// <summary>Those to numbers that cost more than a call does: premium of any country.</summary>
    public CallSum Premium { get; } = new();

    public CallTimes? Times => times;

    /// <summary>Gets each call to outside with its price.</summary>
    public Action<RatedCall>? Rated { get; init; }

    public long? First { get; private set; }

    public long? Last { get; private set; }

    public IEnumerable<(string Risk, CallSum Sum)> ByRisk => Ordered(_byRisk);

    public IEnumerable<(string Region, CallSum Sum)> ByRegion => Ordered(_byRegion);

    public IEnumerable<(string Source, CallSum Sum)> BySource => Ordered(_bySource);

    public IReadOnlyList<RatedCall> Dearest => _dearest.All;

    public IReadOnlyList<RatedCall> Longest => _longest.All;

    public void Add(CallRecord call)
    {
        if (call.Start < from || call.Start >= to)
        {
            return;
        }

        Records++;
        First = Math.Min(First ?? call.Start, call.Start);
        Last = Math.Max(Last ?? call.Start, call.Start);
        if (_numbers.SentBy(call) is not { Length: > 0 } sent)
        {
            GoOn(call);
            return;
        }

        var known = _numbers.Of(sent, call.Dialled);
        if (known.Dialled.Kind is not (DialledKind.Outside or DialledKind.Short))
        {
            return;
        }

        if (!_seen.Add(call))
        {
            Doubled++;
            return;
        }

        var cost = known.Price.Rate.Cost(call.Billed);
        if (known.Dialled.Kind == DialledKind.Short)
        {
            Short.Add(call.Billed, cost);
            return;
        }

        if (call.IsAnswered && call.Dialled.Length > 0)
        {
            if (_left.Count == MostLeft)
            {
                _left.Clear();
            }

            _left[(call.Trunk, call.Dialled)] = new Left(call, known, call.End, call.Billed);
        }

        Count(call, known, cost, calls: 1);
    }

    // Who transfers a call to outside, or puts it into a conference, ends its record. The trunk's channel goes on in a record of its own from that second, as if it had called with the number that was dialled
    // (measured on Asterisk 22), and has one for each who is with it in a conference.
    private void GoOn(in CallRecord call)
    {
        var key = (call.Source, call.Caller);
        if (call.Billed == 0 || !_left.TryGetValue(key, out var left) || Math.Abs(call.Start - left.End) > 1 || !_seen.Add(call))
        {
            return;
        }

        var rate = left.Known.Price.Rate;
        _left[key] = left with { End = call.End, Billed = left.Billed + call.Billed };
        Count(
            call with { Source = left.Call.Source, Caller = left.Call.Caller, Dialled = left.Call.Dialled, Sent = left.Call.Sent, Trunk = left.Call.Trunk, AccountCode = left.Call.AccountCode },
            left.Known,
            rate.Cost(left.Billed + call.Billed) - rate.Cost(left.Billed),
            calls: 0);
    }

    private void Count(in CallRecord call, in Destination known, long cost, int calls)
    {
        var number = known.Dialled.Number;
        Outside.Add(call.Billed, cost, calls);
        Of(_byRisk, known.Price.Risk.Name).Add(call.Billed, cost, calls);
        Of(_byRegion, number.Region).Add(call.Billed, cost, calls);
        Of(_bySource, call.Source).Add(call.Billed, cost, calls);
        if (!number.IsValid)
        {
            Invalid.Add(call.Billed, cost, calls);
        }

        if (number.Region != rules.Home.Region)
        {
            Abroad.Add(call.Billed, cost, calls);
        }

        if (known.Price.Risk.Name is RiskDeck.Premium or RiskDeck.WorldPremium)
        {
            Premium.Add(call.Billed, cost, calls);
        }

        times?.Add(call.Start, call.Billed, cost, calls);
        var rated = new RatedCall(call, number, known.Price.Risk.Name, cost);
        _dearest.See(rated);
        _longest.See(rated);
        Rated?.Invoke(rated);
    }

    private static CallSum Of(Dictionary<string, CallSum> sums, string name) => sums.TryGetValue(name, out var sum) ? sum : sums[name] = new CallSum();

    private static IEnumerable<(string, CallSum)> Ordered(Dictionary<string, CallSum> sums) =>
        sums.OrderByDescending(static pair => pair.Value.Cost).ThenByDescending(static pair => pair.Value.Calls).ThenBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => (pair.Key, pair.Value));

    /// <summary>A call to outside, and until when its channel is known to go on.</summary>
    /// <param name="End">Seconds since 1970.</param>
    /// <param name="Billed">Seconds so far, of all its records.</param>
    private readonly record struct Left(CallRecord Call, Destination Known, long End, int Billed);

    /// <summary>The greatest of many, without holding them all; of equal ones the first.</summary>
    private sealed class Best(int most, Comparison<RatedCall> compare)
    {
        private readonly List<RatedCall> _all = [];

        public IReadOnlyList<RatedCall> All => _all;

        public void See(RatedCall call)
        {
            if (call.Call.Billed == 0 || (_all.Count == most && compare(call, _all[^1]) <= 0))
            {
                return;
            }

            var at = _all.FindIndex(other => compare(call, other) > 0);
            _all.Insert(at < 0 ? _all.Count : at, call);
            if (_all.Count > most)
            {
                _all.RemoveAt(most);
            }
        }
    }
}
