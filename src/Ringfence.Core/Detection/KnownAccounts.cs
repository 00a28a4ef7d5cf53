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
    /// <returns>Why it is not the owner's, one sentence for people; null: nothing speaks against it.</returns>
    public string? LogIn(in PbxEvent seen, uint accountHash, int tried)
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

        var reason = Judge(seen, known, network, agent, tried, _wrong.Find(new Try(accountHash, network))?.Take(seen.TimeTicks, settings.SlowWindow) ?? 0);
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

    private string? Judge(in PbxEvent seen, KnownAccount? known, Network network, ulong agent, int tried, int wrong)
    {
        if (known is not null && known.Has(network) && (agent == 0 || known.HasAgent(agent)))
        {
            return IsAtTwoPlaces(seen, known, network, agent) ? Words(seen, known, agent, $"in use in {network} and {known.OtherNetwork} at once, with User-Agents that never were before") : null;
        }

        // The place for "from a country that it never was in" too.
        var isOldPhone = known is not null && agent != 0 && known.HasAgent(agent);
        var isKnown = known is not null && seen.TimeTicks - known.FirstTicks >= Known.Ticks;
        if (known?.Has(network) != true && !isOldPhone)
        {
            if (wrong >= (isKnown ? Wrong : settings.Refusals))
            {
                // What came while the address was banned is not looked at: the true number is larger.
                return Words(seen, known, agent, $"the right password after {(wrong < settings.Refusals ? wrong : $"{settings.Refusals} or more")} wrong ones from {network}");
            }

            if (tried >= settings.ScanAccounts)
            {
                return Words(seen, known, agent, $"the right password, from an address that tried {tried} accounts before");
            }

            if (isKnown && agent != 0 && seen.TimeTicks - known!.AgentsSinceTicks >= Known.Ticks)
            {
                return Words(seen, known, agent, "a login from a network and with a User-Agent that it never had before");
            }
        }

        return known is not null && IsAtTwoPlaces(seen, known, network, agent)
            ? Words(seen, known, agent, $"in use in {network} and {known.OtherNetwork} at once, with User-Agents that never were before")
            : null;
    }

    private static bool IsAtTwoPlaces(in PbxEvent seen, KnownAccount known, Network network, ulong agent) =>
        agent != 0 && seen.TimeTicks - known.AgentsSinceTicks >= Known.Ticks && known.IsTwoPlacesAtOnce(network, agent, seen.TimeTicks, Fresh);

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

    /// <summary>When wrong passwords came for an account from a network: each source tells all of them, and one may be behind another.</summary>
    private sealed class Tries(Try key) : Remembered<Try>(key)
    {
        private const int MostTimes = 16;

        // The first beside the others: most have one, and a scanner leaves thousands of them.
        private (long Ticks, Origin Origin) _first;
        private List<(long Ticks, Origin Origin)>? _more;
        private bool _isEmpty = true;

        public void Add(in PbxEvent seen)
        {
            var time = (seen.TimeTicks, seen.Origin);
            if (_isEmpty)
            {
                _first = time;
                _isEmpty = false;
                return;
            }

            // One log may tell what another one did.
            if (_first == time || _more?.Contains(time) == true)
            {
                return;
            }

            _more ??= new List<(long, Origin)>(3);
            if (_more.Count + 1 >= MostTimes)
            {
                _first = _more[0];
                _more.RemoveAt(0);
            }

            _more.Add(time);
        }

        /// <returns>How many there were before the login, by the source that tells most; they count no more.</returns>
        public int Take(long loginTicks, TimeSpan window)
        {
            if (_isEmpty)
            {
                return 0;
            }

            List<(long Ticks, Origin Origin)> times = [_first, .. _more ?? []];
            _isEmpty = true;
            _more = null;
            Span<int> counts = stackalloc int[3];
            foreach (var time in times)
            {
                if (time.Ticks > loginTicks)
                {
                    Keep(time);
                }
                else if (loginTicks - time.Ticks <= window.Ticks)
                {
                    counts[(int)time.Origin]++;
                }
            }

            return Math.Max(counts[0], Math.Max(counts[1], counts[2]));
        }

        private void Keep((long Ticks, Origin Origin) time)
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
