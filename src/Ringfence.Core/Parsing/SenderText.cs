namespace Ringfence.Core.Parsing;

/// <summary>Bytes of a sender's text, line ends included, that a line may hold.</summary>
internal static class SenderText
{
    /// <summary>A manager's user name over HTTP and a number that chan_sip decoded may hold whole lines, as many as fit into the logger's buffer.</summary>
    public const int LongestOfManager = 8_192;

    /// <summary>chan_iax2 writes called number and context raw, 255 bytes each, and the name of whoever asks to register.</summary>
    public const int LongestOfIax2 = 1_024;

    /// <summary>A From in a refusal by PJSIP, which may hold lines: 511 bytes, and where no NUL ends it Asterisk prints on into two buffers more of that length
    /// (res_pjsip/pjsip_distributor.c, log_failed_request).</summary>
    public const int LongestOfPjsip = 2_048;

    // An extension is at most AST_MAX_EXTENSION (80) bytes.
    private const int LongestExtension = 256;

    public static int Longest(ReadOnlySpan<byte> module) =>
        module.SequenceEqual("chan_iax2.c"u8) ? LongestOfIax2
        : module.SequenceEqual("manager.c"u8) || module.SequenceEqual("chan_sip.c"u8) ? LongestOfManager
        : module.SequenceEqual(RefusedRequest.Module) ? LongestOfPjsip
        : LongestExtension;

    public static Doubts Whose(ReadOnlySpan<byte> module) => module.SequenceEqual("manager.c"u8) ? Doubts.Manager : Doubts.Caller;
}
