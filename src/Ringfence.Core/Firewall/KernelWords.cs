namespace Ringfence.Core.Firewall;

/// <summary>The kernel's error numbers that nftables answers with.</summary>
/// <remarks>asm-generic/errno-base.h and errno.h: the same on x86-64 and arm64.</remarks>
internal static class KernelWords
{
    public const int NotPermitted = 1;
    public const int NoSuchThing = 2;
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int NotEmpty = 39;
    public const int TooLong = 90;
    public const int NoBuffers = 105;

    /// <summary>Ours: the kernel's answer was lost, so that the transaction may or may not have happened.</summary>
    public const int AnswerLost = -1;

    public static string For(int errno) => errno switch
    {
        AnswerLost => "the kernel's answer was lost",
        NotPermitted => "not permitted: the process needs CAP_NET_ADMIN",
        NoSuchThing => "no such table, set or element",
        Interrupted => "interrupted by another change",
        TryAgain => "try again",
        12 => "the kernel has no memory for it",
        Busy => "in use, or another element ends at the same address",
        Exists => "it is there already",
        22 => "the kernel does not understand the request",
        23 => "the set is full",
        34 => "a number is out of range",
        NotEmpty => "it overlaps another interval",
        TooLong => "the request is too long for the socket",
        93 or 95 or 97 => "this kernel has no nftables",
        NoBuffers => "the socket's buffer is full",
        _ => $"kernel error {errno}",
    };
}
