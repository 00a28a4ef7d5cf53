namespace Ringfence.Core.Wire;

/// <summary>What is spoken on which of the PBX's ports, in clear or not.</summary>
/// <param name="sip">A packet is looked at if it comes from one or goes to one.</param>
/// <param name="web">Where its HTTP server is, in clear; null: nowhere.</param>
/// <param name="manager">Where its manager interface is, in clear; null: nowhere.</param>
internal sealed class WirePorts(IEnumerable<ushort> sip, IEnumerable<ushort>? web = null, IEnumerable<ushort>? manager = null)
{
    private readonly bool[] _isSip = Marked(sip);
    private readonly bool[] _isWeb = Marked(web ?? []);
    private readonly bool[] _isManager = Marked(manager ?? []);

    public bool IsSip(ushort port) => _isSip[port];

    public bool IsWeb(ushort port) => _isWeb[port];

    public bool IsManager(ushort port) => _isManager[port];

    public bool IsAny(ushort port) => _isSip[port] || _isWeb[port] || _isManager[port];

    private static bool[] Marked(IEnumerable<ushort> ports)
    {
        var marked = new bool[ushort.MaxValue + 1];
        foreach (var port in ports)
        {
            marked[port] = true;
        }

        return marked;
    }
}
