using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Ringfence;

/// <summary>Random bytes from the kernel.</summary>
/// <remarks>
/// getrandom(2). System.Security.Cryptography would load OpenSSL for them: 4 MB resident in a guard that encrypts nothing (bench: idle).
/// </remarks>
internal static partial class SystemRandom
{
    private const int Interrupted = 4; // EINTR

    /// <exception cref="Win32Exception">The kernel has none: it is older than 3.17, or a sandbox forbids the call.</exception>
    public static void Fill(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var got = GetRandom(bytes, bytes.Length, 0);
            if (got < 0 && Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }

            bytes = bytes[(int)Math.Max(0, got)..];
        }
    }

    public static ulong Number()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }

    /// <returns>Two lower-case letters and digits for each byte.</returns>
    public static string Hex(int bytes)
    {
        Span<byte> random = stackalloc byte[bytes];
        Fill(random);
        return Convert.ToHexStringLower(random);
    }

    [LibraryImport("libc", EntryPoint = "getrandom", SetLastError = true)]
    private static partial nint GetRandom(Span<byte> bytes, nint length, uint flags);
}
