namespace Ringfence.Core.Parsing;

/// <summary>Whole packets that pjproject writes into a log: any lines may stand in them.</summary>
internal static class PacketDump
{
    /// <summary>Asterisk builds pjproject with PJSIP_MAX_PKT_LEN 65535.</summary>
    public const int Longest = 65_536;

    /// <summary>Whether a dump follows the line.</summary>
    /// <remarks>
    /// "sip_endpoint.c Error processing packet from 198.51.100.7:5060: Missing ...:", before pjproject 2.11 "sip_transport.c Error processing 907 bytes
    /// packet from UDP 198.51.100.7:5060 : PJSIP syntax error ...:", at whatever level pjproject.conf maps it to. Of a line without a header that
    /// is known here the bytes are asked: a dump that is missed bans the innocent. Another module's line is none, or a Call-ID could begin one.
    /// </remarks>
    public static bool Begins(LineHeader header, ReadOnlySpan<byte> line)
    {
        var start = header.Level == LogLevelName.None ? line.IndexOf("pjproject"u8) : header.Module.SequenceEqual("pjproject"u8) ? header.MessageStart : -1;
        if (start < 0)
        {
            return false;
        }

        var text = line[start..].TrimEnd(" \t\r"u8);
        var processing = text.IndexOf("Error processing"u8);
        return (processing >= 0 && text[processing..].IndexOf(" packet from "u8) > 0) || text.EndsWith(":"u8);
    }
}
