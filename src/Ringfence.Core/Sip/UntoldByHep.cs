using Ringfence.Core.Events;

namespace Ringfence.Core.Sip;

/// <summary>Which records are about a message that Asterisk can't have told over HEP.</summary>
/// <remarks>
/// res_hep sends each message in one datagram (at most 65,507 bytes over IPv4), the Call-ID once more beside it; of what is longer it writes "Error [90] while sending packet to HEPv3
/// server" at the level error, and tells nothing. PJSIP takes messages of up to 65,535 bytes over each transport. Measured on 22.10.1 (GuardUntoldTests).
/// </remarks>
internal static class UntoldByHep
{
    // Twice that, and the least that a message needs beside it, are more than a datagram.
    private const int LongestTold = 32_600;

    // A line of the level notice has 511 bytes of a Call-ID (PJSIP_MAX_URL_SIZE), however long it is.
    private const int LongestNoticed = 511;

    /// <returns>Whether neither the request nor its answer can have come over HEP.</returns>
    public static bool Is(in PbxEvent seen) => seen.Session.Length > LongestTold;

    /// <returns>Whether they may not have.</returns>
    public static bool MayBe(in PbxEvent seen) => seen.Session.Length >= LongestNoticed;
}
