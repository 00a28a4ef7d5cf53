using Ringfence.Core.Configuration;
using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>What many addresses do together, or one over a day: too little from each, or too slowly, for any count of minutes.</summary>
/// <remarks>Bounded, all of it: a flood makes it forget, which spares; it never accuses.</remarks>
/// <param name="rings">Where what was tried gets its room.</param>
internal sealed class LongMemory(DetectionSettings settings, RefusalRings rings)
{
    /// <summary>So many addresses and so many accounts refused within <see cref="SprayWindow"/> are a spraying, and not a handful of wrong passwords.</summary>
    public const int Spraying = 20;

    public static readonly TimeSpan SprayWindow = TimeSpan.FromHours(1);

    /// <summary>So many accounts a day are told as guessed at on evidence that anybody can forge, and as many on proven evidence beside them: a forger has as
    /// many addresses and names as he likes.</summary>
    public const int MostGuessedTold = 32;

    private readonly RememberedTable<Network, Crowd<Network>> _networks = new(8_192, key => new Crowd<Network>(key, rings));
    private readonly RememberedTable<ulong, Crowd<ulong>> _agents = new(1_024, key => new Crowd<ulong>(key, rings));
    private readonly RememberedTable<ulong, Guessed> _accounts = new(8_192, static key => new Guessed(key));
    private readonly DistinctTimes _guessedTold = new(2 * MostGuessedTold);
    private readonly DistinctTimes _sprayedFrom = new(2 * Spraying);
    private readonly DistinctTimes _sprayedAt = new(2 * Spraying);

    // What is asked of a network, or of all callers with one User-Agent, is asked of many: twice what one address may.
    public int CrowdAccounts => 2 * settings.SlowAccounts;

    /// <summary>Whether the event names an account of ours that somebody wanted: a caller's number on an incoming call is none.</summary>
    public static bool IsTry(in PbxEvent seen) =>
        seen.Kind is EventKind.PasswordRefused
        || (seen.Kind is EventKind.ChallengeSent or EventKind.AccountUnknown && !seen.Account.IsEmpty && seen.Account[0] != '<' && !IsNumber(seen.Account));

    /// <param name="refusal">What is kept of it.</param>
    /// <param name="isNews">false: the same address was challenged for the same account before, and its network has that try.</param>
    public void Add(in PbxEvent seen, in Refusal refusal, bool isNews)
    {
        if (isNews && seen.Source.Neighbourhood is { } neighbourhood)
        {
            Add(_networks.Use(neighbourhood), seen, refusal);
        }

        if (AgentOf(seen) is var agent and not 0)
        {
            Add(_agents.Use(agent), seen, refusal);
        }

        if (seen.Kind == EventKind.ChallengeSent)
        {
            return;
        }

        var source = (ulong)seen.Source.Subject.First.GetHashCode();
        _sprayedFrom.Add(source, seen.TimeTicks, refusal.Proof);
        _sprayedAt.Add(refusal.AccountHash, seen.TimeTicks, refusal.Proof);
        if (seen.Kind == EventKind.PasswordRefused)
        {
            _accounts.Use(refusal.AccountHash).Add(source, seen.TimeTicks, refusal.Proof);
        }
    }

    public void LogIn(in PbxEvent seen)
    {
        if (seen.Source.Neighbourhood is { } neighbourhood)
        {
            _networks.Use(neighbourhood).LogIn(seen.TimeTicks);
        }

        if (AgentOf(seen) is var agent and not 0)
        {
            _agents.Use(agent).LogIn(seen.TimeTicks);
        }
    }

    /// <summary>The challenge of that session was answered.</summary>
    public void Answer(in PbxEvent seen, uint session)
    {
        if (seen.Source.Neighbourhood is { } neighbourhood)
        {
            _networks.Find(neighbourhood)?.Tried.Answer(session);
        }

        if (AgentOf(seen) is var agent and not 0)
        {
            _agents.Find(agent)?.Tried.Answer(session);
        }
    }

    /// <returns>What was tried from the network of the source, if from three addresses of it at least and nobody there logged in; else null.</returns>
    public TriedAccounts? OfNetwork(in PbxEvent seen, Proof least) =>
        seen.Source.Neighbourhood is { } neighbourhood ? _networks.Find(neighbourhood)?.Of(seen.TimeTicks, settings.SlowWindow, least) : null;

    /// <returns>The same for all who have the caller's User-Agent.</returns>
    public TriedAccounts? OfAgent(in PbxEvent seen, Proof least) =>
        AgentOf(seen) is var agent and not 0 ? _agents.Find(agent)?.Of(seen.TimeTicks, settings.SlowWindow, least) : null;

    /// <returns>From how many addresses wrong passwords came for the account.</returns>
    public int Guessers(uint account, long nowTicks, Proof least) => _accounts.Find(account)?.Count(nowTicks, settings.SlowWindow, least) ?? 0;

    /// <summary>Whether it is still to be told that many addresses guess at the account: once in the slow window, and once more of proven ones when what was told
    /// anybody could have forged.</summary>
    public bool MayTellGuessed(uint account, long nowTicks, Proof least)
    {
        if (_guessedTold.Holds(account, nowTicks, settings.SlowWindow, least))
        {
            return false;
        }

        var proven = _guessedTold.Count(nowTicks, settings.SlowWindow, Proof.Proven);
        return (least == Proof.Proven ? proven : _guessedTold.Count(nowTicks, settings.SlowWindow, Proof.Unproven) - proven) < MostGuessedTold;
    }

    public void TellGuessed(uint account, long nowTicks, Proof least) => _guessedTold.Add(account, nowTicks, least);

    /// <summary>Whether somebody logged in from the network of the source, within the slow window.</summary>
    public bool IsUsersNetwork(in PbxEvent seen) =>
        seen.Source.Neighbourhood is { } neighbourhood && _networks.Find(neighbourhood)?.Tried.LoginTicks is { } login and not 0 && Math.Abs(seen.TimeTicks - login) <= settings.SlowWindow.Ticks;

    /// <summary>Whether many addresses try many accounts. A forger has as many addresses as he likes: what follows from unproven evidence must hurt nobody.</summary>
    public bool IsSprayed(long nowTicks, Proof least) =>
        _sprayedFrom.Count(nowTicks, SprayWindow, least) >= Spraying && _sprayedAt.Count(nowTicks, SprayWindow, least) >= Spraying;

    /// <summary>The clock was set back: all this is of the clock of before.</summary>
    public void Clear()
    {
        _networks.Clear();
        _agents.Clear();
        _accounts.Clear();
        _guessedTold.Clear();
        _sprayedAt.Clear();
        _sprayedFrom.Clear();
    }

    private void Add<TKey>(Crowd<TKey> crowd, in PbxEvent seen, in Refusal refusal)
    {
        crowd.Tried.Add(refusal, CrowdAccounts + 2, settings.SlowWindow);
        crowd.Sources.Add((ulong)seen.Source.Subject.First.GetHashCode(), seen.TimeTicks, refusal.Proof);
    }

    private static ulong AgentOf(in PbxEvent seen)
    {
        var hash = new HashCode();
        hash.AddBytes(seen.UserAgent);
        return seen.UserAgent.IsEmpty ? 0 : (uint)hash.ToHashCode() | (1UL << 32);
    }

    // Seven digits or more: a telephone number, with or without its plus.
    private static bool IsNumber(ReadOnlySpan<byte> account)
    {
        account = account.TrimStart((byte)'+');
        return account.Length >= 7 && account.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }

    private sealed class Guessed(ulong key) : Remembered<ulong>(key)
    {
        private readonly DistinctTimes _sources = new(64);

        // Once more by themselves: forged addresses push none of them out.
        private readonly DistinctTimes _proven = new(64);

        public void Add(ulong source, long timeTicks, Proof proof)
        {
            _sources.Add(source, timeTicks, proof);
            if (proof == Proof.Proven)
            {
                _proven.Add(source, timeTicks, proof);
            }
        }

        public int Count(long nowTicks, TimeSpan window, Proof least) => (least == Proof.Proven ? _proven : _sources).Count(nowTicks, window, least);
    }

    private sealed class Crowd<TKey>(TKey key, RefusalRings rings) : Remembered<TKey>(key)
    {
        private const int LeastSources = 3;

        public TriedAccounts Tried { get; } = new(rings);

        public DistinctTimes Sources { get; } = new(2 * LeastSources);

        public void LogIn(long timeTicks)
        {
            Tried.LogIn(timeTicks);
            Sources.Clear();
        }

        public TriedAccounts? Of(long nowTicks, TimeSpan window, Proof least) => Sources.Count(nowTicks, window, least) >= LeastSources ? Tried : null;
    }
}
