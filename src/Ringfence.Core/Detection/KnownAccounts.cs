using System.Globalization;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>What each account's logins are like, and when one is not its owner's.</summary>
/// <remarks>
/// Only a login with the right password is remembered, so a stranger can't fill it; wrong ones are counted apart, in a table of a fixed size. A
/// login told without its User-Agent (a log, the manager interface) says nothing about an account whose User-Agents are told: the same login
/// comes over HEP or from the wire as well. What was told once is known from then on: one alert for each new phone, and not one for each call.
/// </remarks>
internal sealed class KnownAccounts(DetectionSettings settings)
{
    /// <summary>Accounts remembered: some 300 bytes each.</summary>
    public const int Capacity = 16_384;

    /// <summary>An account is not known before: whoever sets up an office tries all phones in all places.</summary>
    public static readonly TimeSpan Known = TimeSpan.FromDays(1);

    /// <summary>A registration lasts an hour with most phones (RFC 3261 section 10.2.1.1 suggests so): its phone is there for as long.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    // A person mistypes twice; for an account that nobody knows yet it takes as many as for any address.
    private const int Wrong = 3;

    // When no User-Agent was told for so long, the source that told them is gone.
    private static readonly TimeSpan Untold = TimeSpan.FromDays(7);

    private readonly RememberedTable<ulong, KnownAccount> _accounts = new(Capacity, static key => new KnownAccount(key, string.Empty, long.MaxValue));
    private readonly RememberedTable<Try, Tries> _wrong = new(8_192, static key => new Tries(key));

    public int Count => _accounts.Count;

    /// <summary>Something new was learned since this was last set to false: it should be written down.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Everything, in no order.</summary>
    public IEnumerable<KnownAccount> All => _accounts.Entries;

    /// <summary>A wrong password, counted once.</summary>
    public void Refuse(in PbxEvent seen, uint accountHash)
    {
        if (IsAccount(seen))
        {
            _wrong.Use(new Try(accountHash, NetworkOf(seen.Source))).Add(seen);
        }
    }

    /// <summary>A login with the right password.</summary>
    /// <param name="tried">How many accounts its address tried lately without logging in.</param>
    /// <returns>What speaks against it; null: nothing.</returns>
    public StolenLogin? LogIn(in PbxEvent seen, uint accountHash, Tally tried)
    {
        if (!IsAccount(seen) || seen.Account.IsEmpty)
        {
            return null;
        }

        var network = NetworkOf(seen.Source);
        var key = HashOf(seen.Account);
        var agent = seen.Origin == Origin.Sip ? FamilyOf(seen.UserAgent) : 0;
        var known = _accounts.Find(key);
        if (known is not null && agent == 0 && known.Agents.Count > 0)
        {
            if (seen.TimeTicks - known.Agents.Max(habit => habit.LastTicks) < Untold.Ticks)
            {
                return null;
            }

            known.ForgetAgents();
        }

        var reason = Judge(seen, known, network, agent, tried, _wrong.Find(new Try(accountHash, network))?.Take(seen.TimeTicks, settings.SlowWindow) ?? default);
        if (known is null)
        {
            known = new KnownAccount(key, SafeText.From(seen.Account[..Math.Min(seen.Account.Length, 64)]), seen.TimeTicks);
            _accounts.Put(known);
            IsChanged = true;
        }
        else
        {
            RememberedTable<ulong, KnownAccount>.Use(known);
        }

        if (agent == 0 || known.HasAgent(agent))
        {
            IsChanged |= known.LogIn(network, agent, seen.TimeTicks, Fresh, static () => string.Empty);
        }
        else
        {
            var text = TextOf(seen.UserAgent);
            IsChanged |= known.LogIn(network, agent, seen.TimeTicks, Fresh, () => text);
        }

        return reason;
    }

    /// <summary>Whether somebody was seen to log in with the account.</summary>
    public bool IsKnown(ReadOnlySpan<byte> account) => _accounts.Find(HashOf(account)) is not null;

    /// <summary>Whether somebody was seen to log in with the account from that network.</summary>
    public bool IsFrom(in PbxEvent seen) => _accounts.Find(HashOf(seen.Account))?.Has(NetworkOf(seen.Source)) == true;

    /// <summary>Whether the account is known, and neither from that network nor with that User-Agent.</summary>
    public bool IsStrange(in PbxEvent seen) => _accounts.Find(HashOf(seen.Account)) is { } known && !known.Has(NetworkOf(seen.Source)) && !known.HasAgent(FamilyOf(seen.UserAgent));

    /// <summary>Takes up an account as it was written down.</summary>
    public void Restore(KnownAccount account) => _accounts.Put(account);

    /// <summary>What a User-Agent is, whatever its version: an update is no other phone.</summary>
    /// <returns>Not 0, also where there is none.</returns>
    public static ulong FamilyOf(ReadOnlySpan<byte> agent)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in agent)
        {
            if (char.IsAsciiLetter((char)character))
            {
                hash = (hash ^ (character | 0x20UL)) * 1099511628211UL;
            }
        }

        return hash;
    }

    private StolenLogin? Judge(in PbxEvent seen, KnownAccount? known, Network network, ulong agent, Tally tried, Tally wrong)
    {
        if (known is not null && known.Has(network) && (agent == 0 || known.HasAgent(agent)))
        {
            return AtTwoPlaces(seen, known, network, agent);
        }

        // The place for "from a country that it never was in" too.
        var isOldPhone = known is not null && agent != 0 && known.HasAgent(agent);
        var isKnown = known is not null && seen.TimeTicks - known.FirstTicks >= Known.Ticks;
        if (known?.Has(network) != true && !isOldPhone)
        {
            var enough = isKnown ? Wrong : Math.Min(settings.Refusals, Tries.MostTimes);
            if (wrong.All >= enough)
            {
                // What came while the address was banned is not looked at: the true number is larger.
                return Of(seen, known, agent, wrong.ProofOf(enough), $"the right password after {(wrong.All < settings.Refusals ? wrong.All : $"{settings.Refusals} or more")} wrong ones from {network}");
            }

            if (tried.All >= settings.ScanAccounts)
            {
                return Of(seen, known, agent, tried.ProofOf(settings.ScanAccounts), $"the right password, from an address that tried {tried.All} accounts before");
            }

            if (isKnown && agent != 0 && seen.TimeTicks - known!.AgentsSinceTicks >= Known.Ticks)
            {
                return Of(seen, known, agent, Proof.Proven, "a login from a network and with a User-Agent that it never had before");
            }
        }

        return known is null ? null : AtTwoPlaces(seen, known, network, agent);
    }

    private static StolenLogin? AtTwoPlaces(in PbxEvent seen, KnownAccount known, Network network, ulong agent) =>
        agent != 0 && seen.TimeTicks - known.AgentsSinceTicks >= Known.Ticks && known.IsTwoPlacesAtOnce(network, agent, seen.TimeTicks, Fresh)
            ? Of(seen, known, agent, Proof.Proven, $"in use in {network} and {known.OtherNetwork} at once, with User-Agents that never were before")
            : null;

    // The login's own proof, or that of what came before it: wrong passwords that anybody could have forged make a login no better proven.
    private static StolenLogin Of(in PbxEvent seen, KnownAccount? known, ulong agent, Proof before, string what) =>
        new(Words(seen, known, agent, what), before < seen.Proof ? before : seen.Proof);

    private static string Words(in PbxEvent seen, KnownAccount? known, ulong agent, string what)
    {
        var name = SafeText.From(seen.Account[..Math.Min(seen.Account.Length, 64)]);
        var with = agent == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" with \"{TextOf(seen.UserAgent)}\"");
        var before = known is null || known.Networks.Count == 0 ? "never seen before"
            : $"known from {string.Join(", ", known.Networks.OrderByDescending(habit => habit.LastTicks).Take(3).Select(habit => habit.What))}"
                + (known.Agents.Count == 0 ? string.Empty : $" with {string.Join(", ", known.Agents.OrderByDescending(habit => habit.LastTicks).Take(3).Select(habit => $"\"{habit.Text}\""))}");
        return $"account {name}: {what}; from {seen.Source}{with}, {before}. If it is not its owner: change its password, then ringfence ban {seen.Source}";
    }

    private static string TextOf(ReadOnlySpan<byte> agent) => agent.IsEmpty ? "no User-Agent" : SafeText.From(agent).Replace('"', '\'');

    private static bool IsAccount(in PbxEvent seen) => seen.Service is Service.Pjsip or Service.Sip or Service.Iax2;

    private static Network NetworkOf(Address source) => source.Neighbourhood ?? source.Subject;

    private static ulong HashOf(ReadOnlySpan<byte> name)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in name)
        {
            hash = (hash ^ character) * 1099511628211UL;
        }

        return hash;
    }

    private readonly record struct Try(uint Account, Network Network);

    private readonly record struct Refused(long Ticks, Origin Origin, Proof Proof);

    /// <summary>When wrong passwords came for an account from a network: each source tells all of them, and one may be behind another.</summary>
    private sealed class Tries(Try key) : Remembered<Try>(key)
    {
        public const int MostTimes = 16;

        // The first beside the others: most have one, and a scanner leaves thousands of them.
        private Refused _first;
        private List<Refused>? _more;
        private bool _isEmpty = true;

        public void Add(in PbxEvent seen)
        {
            var one = new Refused(seen.TimeTicks, seen.Origin, seen.Proof);
            if (_isEmpty)
            {
                _first = one;
                _isEmpty = false;
                return;
            }

            // One log may tell what another one did.
            if (_first == one || _more?.Contains(one) == true)
            {
                return;
            }

            _more ??= new List<Refused>(3);
            if (_more.Count + 1 >= MostTimes)
            {
                _first = _more[0];
                _more.RemoveAt(0);
            }

            _more.Add(one);
        }

        /// <returns>How many there were before the login, by the source that tells most; they count no more.</returns>
        public Tally Take(long loginTicks, TimeSpan window)
        {
            if (_isEmpty)
            {
                return default;
            }

            List<Refused> times = [_first, .. _more ?? []];
            _isEmpty = true;
            _more = null;
            Span<Tally> counts = stackalloc Tally[3];
            foreach (var time in times)
            {
                if (time.Ticks > loginTicks)
                {
                    Keep(time);
                }
                else if (loginTicks - time.Ticks <= window.Ticks)
                {
                    ref var count = ref counts[(int)time.Origin];
                    count = count.And(time.Proof);
                }
            }

            return new Tally(Math.Max(counts[0].All, Math.Max(counts[1].All, counts[2].All)), Math.Max(counts[0].Proven, Math.Max(counts[1].Proven, counts[2].Proven)));
        }

        private void Keep(Refused time)
        {
            if (_isEmpty)
            {
                _first = time;
                _isEmpty = false;
            }
            else
            {
                (_more ??= []).Add(time);
            }
        }
    }
}

/// <summary>A login that is not its account's owner's.</summary>
/// <param name="Words">Why, one sentence for people.</param>
/// <param name="Proof">How well it is proven that it was that address.</param>
internal sealed record StolenLogin(string Words, Proof Proof);

/// <param name="Proven">Those that prove their source.</param>
internal readonly record struct Tally(int All, int Proven)
{
    public Tally And(Proof proof) => new(All + 1, Proven + (proof == Proof.Proven ? 1 : 0));

    /// <summary>How well it is proven that there were so many.</summary>
    public Proof ProofOf(int count) => Proven >= count ? Proof.Proven : Proof.Unproven;
}
