using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ringfence.Sources;

/// <summary>What the kernel says about a file.</summary>
/// <param name="Device">st_dev.</param>
/// <param name="BornNs">When the inode was made, in ns since 1970; 0 where the file system does not keep it.</param>
/// <param name="Mode">Type and permissions, as in stat(2).</param>
internal readonly record struct FileFacts(ulong Device, ulong Inode, long BornNs, long SizeBytes, long ModifiedNs, uint Mode)
{
    private const uint TypeMask = 0xf000;

    public bool IsRegular => (Mode & TypeMask) == 0x8000;

    public bool IsLink => (Mode & TypeMask) == 0xa000;

    /// <summary>Which inode, told apart from a later file that got the same number.</summary>
    public (ulong Device, ulong Inode, long BornNs) Key => (Device, Inode, BornNs);

    /// <summary>"a directory", "a FIFO"... for people.</summary>
    public string TypeName => (Mode & TypeMask) switch
    {
        0x8000 => "a regular file",
        0x4000 => "a directory",
        0x1000 => "a FIFO",
        0x2000 => "a character device",
        0x6000 => "a block device",
        0xc000 => "a socket",
        _ => "no regular file",
    };
}

/// <summary>The answer of a system call: the facts, or the errno.</summary>
/// <param name="Error">0: <paramref name="Facts"/> hold.</param>
internal readonly record struct StatAnswer(FileFacts Facts, int Error);

/// <summary>A file descriptor, or the errno.</summary>
internal readonly record struct OpenAnswer(SafeFileHandle? File, int Error);

/// <summary>The system calls that .NET does not offer: a stat with the inode, an open that never blocks, a read that answers with errno.</summary>
/// <remarks>statx(2) and not stat(2): its structure is the same on every architecture.</remarks>
internal static unsafe partial class Libc
{
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int NoPermission = 13;
    public const int NotPermitted = 1;
    public const int NotADirectory = 20;

    private const int AtCurrentDirectory = -100;
    private const int AtEmptyPath = 0x1000;
    private const int NoFollow = 0x100;
    private const uint StatxBasicAndBirth = 0xfff;
    private const int NonBlocking = 0x800;
    private const int NoTerminal = 0x100;
    private const int CloseOnExec = 0x80000;

    /// <summary>Looks at what stands at a path; links are followed.</summary>
    public static StatAnswer Stat(string path)
    {
        StatxBuffer buffer;
        return Statx(AtCurrentDirectory, path, 0, StatxBasicAndBirth, &buffer) < 0
            ? new StatAnswer(default, Marshal.GetLastPInvokeError())
            : new StatAnswer(buffer.ToFacts(), 0);
    }

    /// <summary>Whether a symbolic link stands there, wherever it leads.</summary>
    public static bool IsLink(string path)
    {
        StatxBuffer buffer;
        return Statx(AtCurrentDirectory, path, NoFollow, StatxBasicAndBirth, &buffer) >= 0 && buffer.ToFacts().IsLink;
    }

    public static StatAnswer Stat(SafeFileHandle file)
    {
        StatxBuffer buffer;
        return StatxOf(file, string.Empty, AtEmptyPath, StatxBasicAndBirth, &buffer) < 0
            ? new StatAnswer(default, Marshal.GetLastPInvokeError())
            : new StatAnswer(buffer.ToFacts(), 0);
    }

    /// <summary>Opens for reading. A FIFO without a writer, or a terminal, does not hold the caller up.</summary>
    public static OpenAnswer OpenToRead(string path)
    {
        var descriptor = Open(path, NonBlocking | NoTerminal | CloseOnExec);
        return descriptor < 0
            ? new OpenAnswer(null, Marshal.GetLastPInvokeError())
            : new OpenAnswer(new SafeFileHandle(descriptor, ownsHandle: true), 0);
    }

    /// <returns>Bytes read; 0 at the end of the file; -errno.</returns>
    public static int ReadAt(SafeFileHandle file, Span<byte> into, long offset)
    {
        fixed (byte* bytes = into)
        {
            while (true)
            {
                var read = (int)Pread(file, bytes, (nuint)into.Length, offset);
                if (read >= 0)
                {
                    return read;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error != Interrupted)
                {
                    return -error;
                }
            }
        }
    }

    /// <summary>Whether this kernel, and no other machine, makes every change there, so that inotify tells of all of them.</summary>
    /// <returns>false also if nobody knows.</returns>
    public static bool IsOnLocalFileSystem(string path)
    {
        StatfsBuffer buffer;
        return Statfs(path, &buffer) == 0 && buffer.IsLocal;
    }

    /// <inheritdoc cref="IsOnLocalFileSystem(string)"/>
    public static bool IsOnLocalFileSystem(SafeFileHandle file)
    {
        StatfsBuffer buffer;
        return StatfsOf(file, &buffer) == 0 && buffer.IsLocal;
    }

    /// <summary>Ends all processes of a group; none is left when it has ended already.</summary>
    /// <param name="leader">Its first process, of which nobody has heard yet that it ended: else the number may be another's.</param>
    public static void KillGroup(int leader)
    {
        const int SigKill = 9;
        _ = Kill(-leader, SigKill);
    }

    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxOf(SafeFileHandle file, string path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint Pread(SafeFileHandle file, byte* into, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "statfs", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statfs(string path, StatfsBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "fstatfs")]
    private static partial int StatfsOf(SafeFileHandle file, StatfsBuffer* buffer);

    // struct statfs of asm-generic/statfs.h: 120 bytes, its first word is the type.
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private readonly struct StatfsBuffer
    {
        private readonly nint _type;

        // linux/magic.h, and the sources of those that it lacks. A list of the local ones: what is not known may be a network's, or FUSE.
        public bool IsLocal => (uint)_type is
            0xef53 /* ext2, 3, 4 */ or 0x58465342 /* XFS */ or 0x9123683e /* Btrfs */ or 0x01021994 /* tmpfs */ or 0x2fc12fc1 /* ZFS */
            or 0xf2f52010 /* F2FS */ or 0xca451a4e /* bcachefs */ or 0x794c7630 /* overlayfs */;
    }

    // struct statx of linux/stat.h: 256 bytes; only what is used has a name.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(28)]
        public ushort Mode;
        [FieldOffset(32)]
        public ulong Inode;
        [FieldOffset(40)]
        public long SizeBytes;
        [FieldOffset(80)]
        public long BornSeconds;
        [FieldOffset(88)]
        public uint BornNanoseconds;
        [FieldOffset(112)]
        public long ModifiedSeconds;
        [FieldOffset(120)]
        public uint ModifiedNanoseconds;
        [FieldOffset(136)]
        public uint DeviceMajor;
        [FieldOffset(140)]
        public uint DeviceMinor;

        public readonly FileFacts ToFacts() => new(
            // makedev(3)
            ((ulong)(DeviceMajor & 0xfffff000) << 32) | ((ulong)(DeviceMajor & 0xfff) << 8) | ((ulong)(DeviceMinor & 0xffffff00) << 12) | (DeviceMinor & 0xff),
            Inode,
            (BornSeconds * 1_000_000_000) + BornNanoseconds,
            SizeBytes,
            (ModifiedSeconds * 1_000_000_000) + ModifiedNanoseconds,
            Mode);
    }
}
