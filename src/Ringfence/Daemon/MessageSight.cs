using Ringfence.Core.Events;

namespace Ringfence.Daemon;

/// <summary>Which messages the sources show: what is said of a line in a log whose sender none of them saw.</summary>
/// <param name="hep">null: not asked.</param>
/// <param name="wire">null: not read.</param>
internal sealed class MessageSight(HepReader? hep, WireReader? wire, TimeProvider clock)
{
    /// <returns>Whether messages of the transport are shown at all.</returns>
    public bool Covers(Transport transport) => hep is not null || IsOnWire(transport);

    /// <returns>Whether one of the sources shows every message of the transport. HEP may be down while the wire is read.</returns>
    /// <param name="isEnclosed">What is held against it can be nobody's invention (<see cref="PbxEvent.IsEnclosed"/>). HEP has no message that does not fit into a datagram
    /// of its own, and need not say so: its silence alone does not refute such a record.</param>
    public bool IsWhole(Transport transport, bool isEnclosed)
    {
        var now = clock.GetUtcNow();
        return (!isEnclosed && hep?.IsWhole(now) == true) || (IsOnWire(transport) && wire?.IsWhole(now) == true);
    }

    /// <returns>Whether messages of the transport are shown from wherever they come: else one must have been seen of an address before it is said that its are.</returns>
    public bool IsEverywhere(Transport transport) => hep?.IsAlive(clock.GetUtcNow()) == true || (IsOnWire(transport) && wire?.SeesAll() == true);

    // The wire shows no message inside of TLS, and a line that does not say its transport may be of such a one.
    private static bool IsOnWire(Transport transport) => transport is Transport.Udp or Transport.Tcp;
}
