using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace Ringfence.Tests.Sources;

/// <summary>Writes numbered lines as Asterisk does (append, one write per line) and rotates as logrotate does.</summary>
internal sealed partial class LogWriter : IDisposable
{
    private readonly string _path;
    private FileStream _file;

    public LogWriter(string path)
    {
        _path = path;
        _file = Open();
    }

    public int Written { get; private set; }

    public static string Line(int number) => $"[2026-11-21 01:02:03] SECURITY[{number}]: line number {number}, with a tail that makes it as long as such lines are ..............";

    public void Write(int lines)
    {
        for (var i = 0; i < lines; i++)
        {
            _file.Write(Encoding.ASCII.GetBytes(Line(Written++) + "\n"));
        }
    }

    public void WriteRaw(string text) => _file.Write(Encoding.Latin1.GetBytes(text));

    /// <summary>log.2 to log.3, log.1 to log.2, log to log.1; the writer still holds the old file.</summary>
    public void Rename()
    {
        for (var i = 60; i > 0; i--)
        {
            if (File.Exists($"{_path}.{i}"))
            {
                File.Move($"{_path}.{i}", $"{_path}.{i + 1}", overwrite: true);
            }
        }

        File.Move(_path, _path + ".1");
    }

    /// <summary>What "logger reload" does.</summary>
    public void Reopen()
    {
        _file.Dispose();
        _file = Open();
    }

    /// <summary>Lines are lost that are written between the two steps; here are none.</summary>
    public void CopyTruncate()
    {
        File.Copy(_path, _path + ".1", overwrite: true);
        Truncate();
    }

    public void Truncate()
    {
        using var truncating = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        truncating.SetLength(0);
    }

    public void Dispose() => _file.Dispose();

    // Truly O_APPEND: FileMode.Append only begins at the end, and would leave a hole of NULs behind a truncation.
    private FileStream Open()
    {
        var descriptor = OpenFile(_path, WriteOnly | CreateIfMissing | Append, 0x1a4);
        Assert.True(descriptor >= 0, _path + ": " + Marshal.GetLastPInvokeErrorMessage());
        return new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Write, bufferSize: 0);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    private const int WriteOnly = 1;
    private const int CreateIfMissing = 0x40;
    private const int Append = 0x400;
}
