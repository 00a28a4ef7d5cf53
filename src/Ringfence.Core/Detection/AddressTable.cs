using System.Runtime.InteropServices;
using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>The histories of the addresses under watch, at most so many.</summary>
/// <remarks>
/// When it is full, a hand goes round and takes the first address that was not used since it last came by (the CLOCK algorithm, with
/// up to three rounds of credit for those seen again): a flood of forged sources, one packet each, pushes out its own kind before an
/// attacker who takes his time. The dictionary's hash is seeded by the process, so sources can't be chosen to collide.
/// A list by age, moved at every use, cost a third of a replay in cache misses.
/// </remarks>
internal sealed class AddressTable(int capacity)
{
    private const byte MostCredit = 3;

    private readonly Dictionary<Address, AddressHistory> _byAddress = [];
    private readonly List<AddressHistory> _round = [];
    private int _hand;

    public int Count => _byAddress.Count;

    /// <summary>Addresses forgotten for want of room.</summary>
    public long Evicted { get; private set; }

    public AddressHistory? Find(Address key) => _byAddress.GetValueOrDefault(key);

    public AddressHistory Use(Address key)
    {
        ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, key, out var exists);
        if (exists)
        {
            var known = slot!;
            known.Credit = known.Credit < MostCredit ? (byte)(known.Credit + 1) : MostCredit;
            return known;
        }

        var added = new AddressHistory(key);
        slot = added;
        if (_round.Count < capacity)
        {
            _round.Add(added);
            return added;
        }

        while (_round[_hand].Credit > 0)
        {
            _round[_hand].Credit--;
            _hand = (_hand + 1) % capacity;
        }

        _byAddress.Remove(_round[_hand].Key);
        Evicted++;
        _round[_hand] = added;
        _hand = (_hand + 1) % capacity;
        return added;
    }

    public void SetBack(ClockStep step) => _round.ForEach(history => history.SetBack(step));

    /// <summary>Empties the histories of the addresses in the network.</summary>
    public void Clear(Network network)
    {
        foreach (var history in _round.Where(history => network.Contains(history.Key)))
        {
            // Not what was judged already: a log that is written anew tells it again.
            history.Forget(Proof.Proven);
            history.Quiet = history.Quiet with { UntilTicks = Math.Min(history.Quiet.UntilTicks, history.Quiet.JudgedTicks + 1), AlsoBeforeTicks = 0 };
        }
    }
}
