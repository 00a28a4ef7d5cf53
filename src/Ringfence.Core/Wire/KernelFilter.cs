namespace Ringfence.Core.Wire;

/// <summary>The program by which the kernel picks, of all packets of the machine, those that may belong to SIP.</summary>
/// <remarks>
/// For a packet socket of the kind SOCK_DGRAM, whose packets begin with the network header on every kind of interface; an outer VLAN tag is then taken off
/// by the kernel (it is beside the packet), a second one stands before the header. What can't be told from one packet passes: later fragments
/// have no ports, a first one with other ports is thrown away with what it overlaps, and a datagram with options before its ports is rare but is read by the PBX all the same.
/// RFC 791, 8200 and 9293; linux/filter.h.
/// </remarks>
internal static class KernelFilter
{
    /// <summary>More ports than this in each list, or more interfaces, and a comparison would have to jump too far.</summary>
    public const int MostPorts = 32;

    /// <summary>A PBX has one manager interface in clear.</summary>
    public const int MostManagerPorts = 4;

    private const uint Whole = uint.MaxValue;
    private const uint Tcp = 6;
    private const uint Udp = 17;
    private const uint Fragment = 44;

    // FIN, SYN and RST among the flags.
    private const uint Ends = 7;

    // Hop-by-hop, routing, destination options: RFC 8200 section 4.
    private static readonly uint[] Extensions = [0, 43, 60];

    /// <param name="ports">SIP in clear, over UDP and TCP.</param>
    /// <param name="tlsPorts">Of these only how connections begin and end, and the handshake.</param>
    /// <param name="managerPorts">Of these what is sent there, and how connections begin and end; at most <see cref="MostManagerPorts"/>.</param>
    /// <param name="interfaces">Indexes of the interfaces to listen on; null: all.</param>
    public static IReadOnlyList<FilterInstruction> Build(IReadOnlyList<ushort> ports, IReadOnlyList<ushort> tlsPorts, IReadOnlyList<ushort> managerPorts, IReadOnlyList<int>? interfaces)
    {
        var filter = new FilterAssembly();
        EachOnce(filter, interfaces);
        Network(filter);
        var (clear, tls, manager) = Apart(ports, tlsPorts, managerPorts);
        Transport(filter, Picked(clear, MostPorts), Picked(tls, MostPorts), Picked(manager, MostManagerPorts));
        return filter.ToInstructions();
    }

    /// <returns>Those of the ports that the program of <see cref="Build"/> does not pick, because there are too many.</returns>
    public static IReadOnlyList<ushort> Unread(IReadOnlyList<ushort> ports, IReadOnlyList<ushort> tlsPorts, IReadOnlyList<ushort> managerPorts)
    {
        var (clear, tls, manager) = Apart(ports, tlsPorts, managerPorts);
        return [.. clear.Skip(MostPorts), .. tls.Skip(MostPorts), .. manager.Skip(MostManagerPorts)];
    }

    private static (IEnumerable<ushort> Clear, IEnumerable<ushort> Tls, IEnumerable<ushort> Manager) Apart(
        IReadOnlyList<ushort> ports, IReadOnlyList<ushort> tlsPorts, IReadOnlyList<ushort> managerPorts) =>
        (ports.Distinct(), tlsPorts.Except(ports), managerPorts.Except(ports).Except(tlsPorts));

    private static uint[] Picked(IEnumerable<ushort> ports, int most) => [.. ports.Take(most).Select(port => (uint)port)];

    private static void EachOnce(FilterAssembly filter, IReadOnlyList<int>? interfaces)
    {
        const uint Loopback = 772; // ARPHRD_LOOPBACK
        const uint Outgoing = 4; // PACKET_OUTGOING

        // On loopback each packet is seen going out and coming in; elsewhere the PBX's answers only go out, and what comes in from its address is forged.
        filter.Do(FilterCode.LoadWord, FilterCode.Hardware).If(FilterCode.JumpIfEqual, Loopback, null, "interface")
            .Do(FilterCode.LoadWord, FilterCode.PacketType).If(FilterCode.JumpIfEqual, Outgoing, null, "again")
            .At("interface").Do(FilterCode.LoadWord, FilterCode.Interface);
        if (interfaces is not null)
        {
            filter.IfOneOf(interfaces.Take(MostPorts).Select(index => (uint)index), "network").GoTo("again");
        }
        else
        {
            // A bridge or a bond shows a packet twice, on its port and on itself: SipExchanges counts it once, as it does what is sent again.
            // What has a tag is seen again without it on the interface of that VLAN. Not so VLAN 0, which is a priority alone (IEEE 802.1Q, 9.6).
            filter.Do(FilterCode.LoadWord, FilterCode.HasVlanTag).If(FilterCode.JumpIfEqual, 0, "network")
                .Do(FilterCode.LoadWord, FilterCode.VlanTag).Do(FilterCode.And, 0xfff).If(FilterCode.JumpIfEqual, 0, "network");
        }

        filter.At("again").Do(FilterCode.Return, 0).At("network");
    }

    // Leaves X at the transport's header and keeps its number; or passes what has none that can be found.
    private static void Network(FilterAssembly filter)
    {
        const uint IPv4 = 0x0800;
        const uint IPv6 = 0x86dd;
        filter.Do(FilterCode.SetX, 0).Do(FilterCode.LoadWord, FilterCode.Protocol)
            .IfOneOf([IPv4], "v4").IfOneOf([IPv6], "v6").IfOneOf([0x8100, 0x88a8], "tag").Do(FilterCode.Return, 0)
            .At("tag").Do(FilterCode.SetX, 4).Do(FilterCode.LoadHalf, 2).IfOneOf([IPv4], "v4").IfOneOf([IPv6], "v6").Do(FilterCode.Return, 0);

        filter.At("v4").Do(FilterCode.LoadByteAtX, 9).Do(FilterCode.Keep).IfOneOf([Udp, Tcp], "whole4").Do(FilterCode.Return, 0)
            .At("whole4").Do(FilterCode.LoadHalfAtX, 6).If(FilterCode.JumpIfAny, 0x3fff, "portless")
            .Do(FilterCode.LoadByteAtX).Do(FilterCode.And, 0xf).Do(FilterCode.ShiftLeft, 2).Do(FilterCode.AddX).Do(FilterCode.ToX).GoTo("transport");

        filter.At("v6").Do(FilterCode.LoadByteAtX, 6).Do(FilterCode.Keep).IfOneOf([Udp, Tcp], "behind6").IfOneOf([Fragment], "fragment6").IfOneOf(Extensions, "extension6")
            .Do(FilterCode.Return, 0)
            .At("extension6").Do(FilterCode.LoadByteAtX, 40).IfOneOf([Udp, Tcp, Fragment, .. Extensions], "portless").Do(FilterCode.Return, 0)
            // What a later fragment calls its next header nobody reads: the first one's counts (FragmentTable).
            .At("fragment6").Do(FilterCode.LoadHalfAtX, 42).If(FilterCode.JumpIfAny, 0xfff9, "portless")
            .Do(FilterCode.LoadByteAtX, 40).Do(FilterCode.Keep).IfOneOf(Extensions, "portless").IfOneOf([Udp, Tcp], "first6").Do(FilterCode.Return, 0)
            .At("first6").Do(FilterCode.FromX).Do(FilterCode.Add, 48).Do(FilterCode.ToX).GoTo("transport")
            .At("behind6").Do(FilterCode.FromX).Do(FilterCode.Add, 40).Do(FilterCode.ToX).GoTo("transport")
            .At("portless").Do(FilterCode.Return, Whole);
    }

    private static void Transport(FilterAssembly filter, uint[] ports, uint[] tlsPorts, uint[] managerPorts)
    {
        filter.At("transport").Do(FilterCode.LoadHalfAtX).IfOneOf(ports, "sip").Do(FilterCode.LoadHalfAtX, 2).IfOneOf(ports, "sip").GoTo("tls")
            .At("sip").Do(FilterCode.Return, Whole);

        filter.At("tls").Do(FilterCode.LoadKept).If(FilterCode.JumpIfEqual, Udp, "other")
            .Do(FilterCode.LoadHalfAtX).IfOneOf(tlsPorts, "secret").IfOneOf(managerPorts, "told")
            .Do(FilterCode.LoadHalfAtX, 2).IfOneOf(tlsPorts, "secret").IfOneOf(managerPorts, "wanted")
            .At("other").Do(FilterCode.Return, 0);

        filter.At("told").Do(FilterCode.LoadByteAtX, 13).If(FilterCode.JumpIfAny, Ends, "wanted").Do(FilterCode.Return, 0);

        // FIN, SYN, RST; what begins with a letter, as SIP and HTTP do, which is no record of TLS, or the middle of one; a record of the type handshake or alert, and of any version of TLS, at the beginning of a segment: RFC 8446 section 5.1.
        filter.At("secret").Do(FilterCode.LoadByteAtX, 13).If(FilterCode.JumpIfAny, Ends, "wanted")
            .Do(FilterCode.LoadByteAtX, 12).Do(FilterCode.ShiftRight, 4).Do(FilterCode.ShiftLeft, 2).Do(FilterCode.AddX).Do(FilterCode.ToX)
            .Do(FilterCode.LoadByteAtX).IfOneOf([0x15, 0x16], "record")
            .Do(FilterCode.And, 0xe0).If(FilterCode.JumpIfEqual, 0x40, "wanted").Do(FilterCode.Return, 0)
            .At("record").Do(FilterCode.LoadByteAtX, 1).If(FilterCode.JumpIfEqual, 3, "wanted").Do(FilterCode.Return, 0)
            .At("wanted").Do(FilterCode.Return, Whole);
    }
}
