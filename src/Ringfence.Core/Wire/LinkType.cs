namespace Ringfence.Core.Wire;

/// <summary>What a frame begins with, by the numbers of tcpdump.org/linktypes.html, which capture files hold.</summary>
internal enum LinkType
{
    /// <summary>BSD's loopback: four bytes of address family in the byte order of whoever captured.</summary>
    Null = 0,

    Ethernet = 1,

    /// <summary>Begins with the IP header.</summary>
    RawIp = 101,

    /// <summary>Linux's "any" device as tcpdump wrote it up to 2020.</summary>
    LinuxSll = 113,

    /// <summary>Linux's "any" device.</summary>
    LinuxSll2 = 276,
}
