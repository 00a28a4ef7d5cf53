using Ringfence.Core.Calls;
using Ringfence.Sources;

namespace Ringfence.Calls;

/// <summary>The session at the manager interface that tells of calls: what it says is read, what it did not say is asked for, and what is to be hung up is ordered. In <see cref="CallDesk"/>'s turn.</summary>
internal sealed class CallSession(LiveCalls live, Brake brake, CallsHeard heard, TimeProvider clock)
{
    // The list of channels mends what an event did not tell; after an odd message it is asked for at once, and no more often than this.
    private static readonly TimeSpan ListEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ListAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ListPatience = TimeSpan.FromSeconds(10);

    // An Asterisk that restarts is back by then. One that is not may have lost its calls, and nobody says when: what is not known to go on makes no money, and stops nobody.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly List<AmiOrder> _orders = [];
    private Action? _wake;
    private string _listId = "";
    private long _listAt;
    private long _lostAt;
    private bool _mustList;
    private bool _hasList;
    private string? _blind;
    private string? _refused;

    public bool IsUp => _wake is not null;

    /// <summary>Why it does not tell of all calls, or they are not hung up, for people; null: all is well.</summary>
    public string? Problem => _refused ?? brake.Problem ?? _blind;

    /// <summary>Messages since start that were not whole, or held injected text.</summary>
    public long Odd { get; private set; }

    public void Connected(Action wake)
    {
        (_wake, _listId, _hasList, _blind, _refused) = (wake, "", false, null, null);
        _orders.Clear();
        brake.Connected();
        List();
    }

    public void Lost(long now)
    {
        (_wake, _listId) = (null, "");
        _orders.Clear();
        _lostAt = clock.GetTimestamp();
        heard.Lost(now);
    }

    public void Tick(long now)
    {
        if (!IsUp && live.Calls.Count > 0 && clock.GetElapsedTime(_lostAt) > Longest)
        {
            foreach (var id in live.Calls.Select(static call => call.Id).ToList())
            {
                live.End(id, now);
                heard.LostSight(id, now);
            }
        }

        if (_listId.Length > 0 && clock.GetElapsedTime(_listAt) > ListPatience)
        {
            (_listId, _mustList) = ("", true);
            _blind = $"Asterisk did not list its channels within {ListPatience.TotalSeconds:0} s";
        }

        if (IsUp && _listId.Length == 0 && clock.GetElapsedTime(_listAt) >= (_mustList ? ListAgain : ListEvery))
        {
            List();
        }
    }

    /// <returns>How many bytes were whole messages.</returns>
    public int Read(ReadOnlySpan<byte> bytes, long now)
    {
        var taken = 0;
        while (taken < bytes.Length && LiveMessage.Read(bytes[taken..], _listId) is { Length: > 0 } message)
        {
            taken += message.Length;
            Take(message, now);
        }

        if (taken == 0 && bytes.Length > LiveMessage.Longest)
        {
            // No message is so long.
            taken = bytes.Length;
            IsOdd();
        }

        return taken;
    }

    /// <summary>Orders what the engine has said since, and has it sent.</summary>
    public void Do(long now)
    {
        brake.Do(now, IsUp, _orders);
        if (_orders.Count > 0)
        {
            _wake?.Invoke();
        }
    }

    public IReadOnlyList<AmiOrder> TakeOrders()
    {
        AmiOrder[] taken = [.. _orders];
        _orders.Clear();
        return taken;
    }

    public void Sent(AmiOrder order, string id)
    {
        if (order.Action == "Status")
        {
            _listId = id;
            live.BeginList();
        }
        else
        {
            brake.Sent(id);
        }
    }

    private void List()
    {
        (_mustList, _listAt) = (false, clock.GetTimestamp());
        _orders.Add(new AmiOrder("Status", []));
    }

    private void Take(LiveMessage message, long now)
    {
        switch (message.Kind)
        {
            case LiveKind.Odd:
                IsOdd();
                break;

            case LiveKind.Answer:
                Answered(message);
                break;

            case LiveKind.ListEnd:
                Listed(now);
                break;

            default:
                Odd += message.IsInjected ? 1 : 0;
                heard.LastEvent = message.Kind is LiveKind.Other or LiveKind.Listed ? heard.LastEvent : clock.GetUtcNow();
                live.See(message, now);
                break;
        }
    }

    private void IsOdd()
    {
        Odd++;
        _mustList = true;
    }

    private void Answered(LiveMessage answer)
    {
        if (answer.Text == _listId && _listId.Length > 0 && !answer.IsSuccess)
        {
            _listId = "";
            _refused = "Asterisk does not list its channels: the section of [ami]'s user in manager.conf needs read = security,call and write = call";
        }
        else
        {
            brake.Answered(answer);
        }
    }

    private void Listed(long now)
    {
        _listId = "";
        var untold = live.EndList(now);
        _blind = _hasList && untold > 1 && !_mustList ? "Asterisk tells of no calls: the section of [ami]'s user in manager.conf needs read = security,call, and no eventfilter that hides them" : null;
        _hasList = true;
        if (_blind is null)
        {
            heard.Hears(now);
        }
        else
        {
            heard.Lost(now);
        }
    }
}
