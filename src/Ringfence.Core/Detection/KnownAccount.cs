using System.Runtime.InteropServices;
using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>From where and with which phones one account logs in, lately: so much of each that it stays small.</summary>
/// <param name="name">Safe to show.</param>
internal sealed class KnownAccount(ulong key, string name, long firstTicks) : Remembered<ulong>(key)
{
    /// <summary>Networks, and User-Agents, that are told apart; beyond it the one that was longest away is forgotten.</summary>
    public const int Most = 8;

    private const int MostPairs = 16;

    private readonly List<Habit<Network>> _networks = new(1);
    private readonly List<Habit<ulong>> _agents = new(1);
    private readonly List<(ulong, ulong)> _together = [];
    private Login _current;
    private Login _previous;

    public string Name => name;

    public long FirstTicks { get; private set; } = firstTicks;

    public IReadOnlyList<Habit<Network>> Networks => _networks;

    public IReadOnlyList<Habit<ulong>> Agents => _agents;

    /// <summary>User-Agents that were in use side by side, in different networks.</summary>
    public IReadOnlyList<(ulong First, ulong Second)> Together => _together;

    public bool Has(Network network) => IsIn(_networks, network);

    public bool HasAgent(ulong agent) => IsIn(_agents, agent);

    /// <summary>Since when its User-Agents are known: an account without one is new in that respect.</summary>
    public long AgentsSinceTicks => _agents.Count == 0 ? long.MaxValue : _agents.Min(habit => habit.FirstTicks);

    /// <summary>Whether a login at this place now, with another one before and behind it, means two phones in two networks that never were in use together.</summary>
    public bool IsTwoPlacesAtOnce(Network network, ulong agent, long nowTicks, TimeSpan fresh) =>
        _previous.IsAt(network, agent) && IsNear(_previous.TimeTicks, nowTicks, fresh) && IsNear(_current.TimeTicks, nowTicks, fresh)
        && _current.Network != network && _current.Agent != agent && !_together.Contains(Pair(agent, _current.Agent));

    /// <summary>The place of the login before; for people.</summary>
    public Network OtherNetwork => _current.Network;

    /// <returns>Whether anything is new in it.</returns>
    /// <param name="agentText">Called for a new User-Agent: its text, safe to show.</param>
    public bool LogIn(Network network, ulong agent, long timeTicks, TimeSpan fresh, Func<string> agentText)
    {
        FirstTicks = Math.Min(FirstTicks, timeTicks);
        var isNew = Use(_networks, network, timeTicks, static () => string.Empty);
        if (agent == 0)
        {
            return isNew;
        }

        isNew |= Use(_agents, agent, timeTicks, agentText);
        if (IsTwoPlacesAtOnce(network, agent, timeTicks, fresh))
        {
            Join(agent, _current.Agent);
            isNew = true;
        }

        _previous = _current.IsAt(network, agent) ? _previous : _current;
        _current = new Login(network, agent, timeTicks);
        return isNew;
    }

    /// <summary>No source tells User-Agents any more: what was known of them is of no use.</summary>
    public void ForgetAgents()
    {
        _agents.Clear();
        _together.Clear();
    }

    /// <summary>As it was written down.</summary>
    public void Add(Habit<Network> network) => Add(_networks, network);

    public void Add(Habit<ulong> agent) => Add(_agents, agent);

    public void Join(ulong first, ulong second)
    {
        if (_together.Count >= MostPairs)
        {
            _together.RemoveAt(0);
        }

        _together.Add(Pair(first, second));
    }

    // A loop: a lambda would be made for each login (bench: replay).
    private static bool IsIn<T>(List<Habit<T>> habits, T what)
        where T : struct, IEquatable<T>
    {
        foreach (ref readonly var habit in CollectionsMarshal.AsSpan(habits))
        {
            if (habit.What.Equals(what))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Use<T>(List<Habit<T>> habits, T what, long timeTicks, Func<string> text)
        where T : struct, IEquatable<T>
    {
        for (var i = 0; i < habits.Count; i++)
        {
            if (habits[i].What.Equals(what))
            {
                habits[i] = habits[i] with { LastTicks = Math.Max(habits[i].LastTicks, timeTicks), FirstTicks = Math.Min(habits[i].FirstTicks, timeTicks) };
                return false;
            }
        }

        Add(habits, new Habit<T>(what, text(), timeTicks, timeTicks));
        return true;
    }

    private static void Add<T>(List<Habit<T>> habits, Habit<T> habit)
        where T : struct, IEquatable<T>
    {
        if (habits.Count >= Most)
        {
            habits.Remove(habits.MinBy(known => known.LastTicks));
        }

        habits.Add(habit);
    }

    private static bool IsNear(long ticks, long nowTicks, TimeSpan within) => Math.Abs(nowTicks - ticks) <= within.Ticks;

    private static (ulong, ulong) Pair(ulong first, ulong second) => first < second ? (first, second) : (second, first);

    private readonly record struct Login(Network Network, ulong Agent, long TimeTicks)
    {
        public bool IsAt(Network network, ulong agent) => TimeTicks != 0 && Network == network && Agent == agent;
    }
}

/// <param name="Text">For people; empty where <paramref name="What"/> says it all.</param>
internal readonly record struct Habit<T>(T What, string Text, long FirstTicks, long LastTicks)
    where T : struct, IEquatable<T>;
