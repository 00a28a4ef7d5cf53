using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>The histories of the addresses under watch.</summary>
internal sealed class AddressTable(int capacity, RefusalRings rings) : RememberedTable<Address, AddressHistory>(capacity, key => new AddressHistory(key, rings))
{
    public void SetBack(ClockStep step)
    {
        foreach (var history in Entries)
        {
            history.SetBack(step);
        }
    }

    /// <summary>Empties the histories of the addresses in the network.</summary>
    public void Clear(Network network)
    {
        foreach (var history in Entries.Where(history => network.Contains(history.Key)))
        {
            // Not what was judged already: a log that is written anew tells it again.
            history.Forget(Proof.Proven);
            history.Quiet = history.Quiet with { UntilTicks = Math.Min(history.Quiet.UntilTicks, history.Quiet.JudgedTicks + 1), AlsoBeforeTicks = 0 };
        }
    }
}
