using Ringfence.Core.Events;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;

namespace Ringfence.Sources;

/// <summary>How captures are read: which ports are SIP's, and which address is the PBX's.</summary>
/// <param name="ports">SIP ports.</param>
/// <param name="pbx">The PBX's addresses; empty: each capture is read twice, and the first time says it (<see cref="PbxFinder"/>).</param>
internal sealed class CaptureReading(IReadOnlyList<ushort> ports, IReadOnlyList<Address> pbx)
{
    /// <summary>SIP, and SIP over TLS, of which the connections are seen.</summary>
    public static readonly IReadOnlyList<ushort> DefaultPorts = [5060, 5061];

    private readonly List<string> _notes = [];
    private readonly HashSet<Address> _own = [.. pbx];
    private SipExchanges? _exchanges;

    /// <summary>By what scanners are known; null: by what is built in.</summary>
    public Fingerprints? Fingerprints { get; set; }

    /// <summary>What was taken for granted, a line each, for people.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <param name="path">A capture that is open by now.</param>
    /// <exception cref="LogFileException">It has to be read twice, and can't be.</exception>
    public CaptureBuffer Begin(string path)
    {
        if (pbx.Count == 0)
        {
            Find(path);
        }

        // One for all captures: they may be pieces of one. The key is no secret here, so that a replay gives the same decisions each time.
        _exchanges ??= new SipExchanges(0, _own.Contains) { Fingerprints = Fingerprints ?? Core.Sip.Fingerprints.BuiltIn };
        return new CaptureBuffer(new WireTap(_exchanges, new WirePorts(ports, [Core.Pbx.SipPorts.UsualWeb], [Core.Pbx.SipPorts.UsualManager])));
    }

    private void Find(string path)
    {
        if (path == "-")
        {
            throw new LogFileException(LogFileProblem.Unsupported, "standard input: a capture from a pipe can't be read twice to find the PBX in it; name it: --pbx ADDRESS");
        }

        var finder = new PbxFinder(ports);
        using var log = LogFile.Open(path);
        var capture = new CaptureFile();
        var bytes = new byte[2 * CaptureFile.LongestBlock];
        var length = 0;
        try
        {
            while (log.Read(bytes.AsSpan(length)) is > 0 and var read)
            {
                ReadOnlySpan<byte> rest = bytes.AsSpan(0, length + read);
                while (capture.Next(ref rest) is { IsPacket: true } packet)
                {
                    finder.See(packet.Frame, packet.Link);
                }

                if (capture.Problem is not null)
                {
                    break;
                }

                rest.CopyTo(bytes);
                length = rest.Length;
            }
        }
        catch (LogFileException)
        {
            // It is said when the events are read.
        }

        if (finder.Found is not [var first, ..] found)
        {
            _notes.Add($"{path}: nobody answers a SIP request on port {string.Join(", ", ports)}; --sip-port NUMBER says which ports are SIP's");
            return;
        }

        _own.UnionWith(found);
        _notes.Add($"{path}: the PBX is {string.Join(", ", found)}, who answers {finder.PeersOf(first)} {(finder.PeersOf(first) == 1 ? "address" : "addresses")}; if not so, --pbx ADDRESS says who it is");
    }
}
