using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ringfence.Sources;

/// <summary>What changed: a watch's number, and the kernel's bits.</summary>
internal readonly record struct InotifyEvent(int Watch, uint Bits)
{
    /// <summary>The kernel dropped events: anything may have changed.</summary>
    public bool IsOverflow => (Bits & 0x4000) != 0;
}

/// <summary>The kernel's news of changed files, and a bell that wakes the thread which waits for them.</summary>
/// <remarks>
/// inotify(7). Not FileSystemWatcher: from a write to its reader p99 was 8 ms where this had 0.3 ms, and it watches names, so it does not
/// see what is written to a file after its rename.
/// </remarks>
internal sealed unsafe partial class Inotify : IDisposable
{
    private const uint Modified = 0x2;
    private const uint OnlyDirectory = 0x01000000;

    // ATTRIB (permission came back), MOVED_FROM, MOVED_TO, CREATE, DELETE, DELETE_SELF, MOVE_SELF; not MODIFY: a busy neighbour would wake us.
    private const uint NamesChanged = 0x4 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800;
    private const int NonBlockingCloseOnExec = 0x80800;
    private const short Readable = 1;

    private readonly SafeFileHandle? _news;
    private readonly SafeFileHandle _bell;
    private readonly byte[] _buffer = new byte[16 * 1024];

    /// <exception cref="IOException">The process has no file descriptor left.</exception>
    public Inotify()
    {
        var bell = EventDescriptor(0, NonBlockingCloseOnExec);
        if (bell < 0)
        {
            throw new IOException("eventfd: " + Libc.Describe(Marshal.GetLastPInvokeError()));
        }

        _bell = new SafeFileHandle(bell, ownsHandle: true);
        var news = Initialise(NonBlockingCloseOnExec);
        if (news < 0)
        {
            Problem = "inotify_init: " + Libc.Describe(Marshal.GetLastPInvokeError());
            return;
        }

        _news = new SafeFileHandle(news, ownsHandle: true);
    }

    /// <summary>Why there is no news at all; null when there is. Without news <see cref="Wait"/> only waits.</summary>
    public string? Problem { get; }

    /// <returns>The watch's number, the same for the same file; -errno.</returns>
    public int WatchData(SafeFileHandle file) =>
        // By descriptor: by name it could be another file by now.
        Watch("/proc/self/fd/" + file.DangerousGetHandle().ToString(), Modified);

    /// <inheritdoc cref="WatchData"/>
    public int WatchNames(string directory) => Watch(directory, NamesChanged | OnlyDirectory);

    public void Unwatch(int watch)
    {
        if (_news is not null)
        {
            // EINVAL: the file is gone and its watch with it.
            _ = RemoveWatch(_news, watch);
        }
    }

    /// <summary>Waits until something changed, the bell rang, or the time is over.</summary>
    public void Wait(int milliseconds)
    {
        var descriptors = stackalloc PollDescriptor[2];
        descriptors[0] = new PollDescriptor { Descriptor = (int)_bell.DangerousGetHandle(), Asked = Readable };
        descriptors[1] = new PollDescriptor { Descriptor = _news is null ? -1 : (int)_news.DangerousGetHandle(), Asked = Readable };
        // EINTR ends the wait early: the caller looks once for nothing.
        _ = Poll(descriptors, 2, milliseconds);
    }

    /// <summary>Lets time pass in which news gathers; the bell ends it.</summary>
    public void Pause(TimeSpan time)
    {
        var bell = new PollDescriptor { Descriptor = (int)_bell.DangerousGetHandle(), Asked = Readable };
        var limit = new TimeSpecification { Seconds = 0, Nanoseconds = (nint)(time.Ticks * TimeSpan.NanosecondsPerTick) };
        _ = PollPrecisely(&bell, 1, &limit, 0);
    }

    /// <summary>Adds the news since the last call to <paramref name="events"/>.</summary>
    public void Read(List<InotifyEvent> events)
    {
        if (_news is null)
        {
            return;
        }

        fixed (byte* buffer = _buffer)
        {
            nint length;
            while ((length = ReadDescriptor(_news, buffer, (nuint)_buffer.Length)) > 0)
            {
                var rest = _buffer.AsSpan(0, (int)length);
                while (rest.Length >= 16)
                {
                    // struct inotify_event: int wd; uint32 mask, cookie, len; char name[len].
                    events.Add(new InotifyEvent(MemoryMarshal.Read<int>(rest), MemoryMarshal.Read<uint>(rest[4..])));
                    rest = rest[(16 + MemoryMarshal.Read<int>(rest[12..]))..];
                }
            }
        }
    }

    /// <summary>Ends the current or the next <see cref="Wait"/>, and every later one at once. From any thread.</summary>
    public void Ring()
    {
        var one = 1UL;
        _ = WriteDescriptor(_bell, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        _news?.Dispose();
        _bell.Dispose();
    }

    private int Watch(string path, uint mask)
    {
        if (_news is null)
        {
            return -1;
        }

        var watch = AddWatch(_news, path, mask);
        return watch < 0 ? -Marshal.GetLastPInvokeError() : watch;
    }

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Initialise(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(SafeFileHandle news, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    private static partial int RemoveWatch(SafeFileHandle news, int watch);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static partial int PollPrecisely(PollDescriptor* descriptors, nuint count, TimeSpecification* limit, nint signals);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadDescriptor(SafeFileHandle file, byte* into, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteDescriptor(SafeFileHandle file, void* from, nuint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Asked;
        public short Answered;
    }
}
