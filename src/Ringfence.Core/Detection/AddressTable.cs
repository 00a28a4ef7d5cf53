using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>The histories of the addresses under watch, at most so many.</summary>
/// <remarks>
/// When it is full, the address that was quiet longest goes; but those with two refusals or more have three quarters of the room to
/// themselves, so that a flood of forged sources (one packet each) can't push out an attacker who takes his time.
/// The dictionary's hash is seeded by the process, so that sources can't be chosen to collide.
/// </remarks>
internal sealed class AddressTable(int capacity)
{
    private readonly Dictionary<Address, AddressHistory> _byAddress = [];
    private readonly Queue _fresh = new();
    private readonly Queue _protected = new();

    public int Count => _byAddress.Count;

    /// <summary>Addresses forgotten for want of room.</summary>
    public long Evicted { get; private set; }

    public AddressHistory? Find(Address key) => _byAddress.GetValueOrDefault(key);

    public AddressHistory Use(Address key)
    {
        ref var slot = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, key, out var exists);
        if (exists)
        {
            var known = slot!;
            var queue = known.IsProtected ? _protected : _fresh;
            queue.Remove(known);
            known.IsProtected = true;
            _protected.Add(known);
            if (_protected.Count > capacity / 4 * 3)
            {
                var demoted = _protected.TakeOldest()!;
                demoted.IsProtected = false;
                _fresh.Add(demoted);
            }

            return known;
        }

        var added = new AddressHistory(key);
        slot = added;
        _fresh.Add(added);
        if (_byAddress.Count > capacity)
        {
            var victim = _fresh.TakeOldest()!;
            _byAddress.Remove(victim.Key);
            Evicted++;
        }

        return added;
    }

    public void Remove(Network network)
    {
        foreach (var key in _byAddress.Keys.Where(network.Contains).ToList())
        {
            var history = _byAddress[key];
            (history.IsProtected ? _protected : _fresh).Remove(history);
            _byAddress.Remove(key);
        }
    }

    private sealed class Queue
    {
        private AddressHistory? _oldest;
        private AddressHistory? _newest;

        public int Count { get; private set; }

        public void Add(AddressHistory history)
        {
            history.Older = _newest;
            history.Newer = null;
            if (_newest is null)
            {
                _oldest = history;
            }
            else
            {
                _newest.Newer = history;
            }

            _newest = history;
            Count++;
        }

        public void Remove(AddressHistory history)
        {
            if (history.Older is null)
            {
                _oldest = history.Newer;
            }
            else
            {
                history.Older.Newer = history.Newer;
            }

            if (history.Newer is null)
            {
                _newest = history.Older;
            }
            else
            {
                history.Newer.Older = history.Older;
            }

            Count--;
        }

        public AddressHistory? TakeOldest()
        {
            var oldest = _oldest;
            if (oldest is not null)
            {
                Remove(oldest);
            }

            return oldest;
        }
    }
}
