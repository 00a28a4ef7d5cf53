using System.CommandLine;
using Ringfence.Core.Configuration;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary>The option <c>--config FILE</c> of every verb that needs the configuration.</summary>
internal static class ConfigOption
{
    public const string DefaultPath = "/etc/ringfence/ringfence.conf";

    public static Option<string?> Create() => new("--config")
    {
        Description = $"Read this configuration (default: {DefaultPath}, or built-in values if it does not exist).",
        HelpName = "FILE",
    };

    /// <param name="path">null: the default place, where a missing file means built-in defaults.</param>
    /// <exception cref="MistakeException">The file is missing.</exception>
    /// <exception cref="UnsoundConfigException">It has mistakes: all of them, each with file and line.</exception>
    /// <exception cref="UnreadableConfigException">It is there, and not for this user.</exception>
    public static RingfenceConfig Read(string? path)
    {
        var file = Path.GetFullPath(path ?? DefaultPath);
        if (!IsThere(file))
        {
            return path is null ? RingfenceConfig.Default : throw new MistakeException($"{path}: no such file; {DefaultPath} is used where none is named");
        }

        CheckReadable(file);
        var reading = ConfigReader.Read(file, new ConfigDirectory());
        return reading.Config ?? throw new UnsoundConfigException(reading.Readable, string.Join('\n', reading.Mistakes.Select(mistake =>
            mistake with { Place = mistake.Place with { File = Path.GetFullPath(mistake.Place.File, Path.GetDirectoryName(file)!) } })));
    }

    private static void CheckReadable(string file)
    {
        // What is no file has no length, and who reads a pipe twice waits for ever.
        if (Libc.Stat(file) is { Error: 0, Facts: { IsRegular: false } facts } && !Directory.Exists(file))
        {
            throw new UnsoundConfigException(RingfenceConfig.Default, $"{file}: is {facts.TypeName}: expected a file");
        }

        try
        {
            using var opened = File.OpenHandle(file);
            if (RandomAccess.GetLength(opened) > ConfigReader.MostBytes)
            {
                throw new UnsoundConfigException(RingfenceConfig.Default, $"{file}: {ConfigReader.TooMuch}");
            }
        }
        catch (UnauthorizedAccessException error) when (!Directory.Exists(file))
        {
            throw new UnreadableConfigException(file, error);
        }
        catch (IOException)
        {
            // Something odd in its place: the reader says what.
        }
    }

    // Not File.Exists: it says no of what may not be seen, and defaults in place of somebody's configuration would be a lie.
    private static bool IsThere(string file)
    {
        // An exception costs a hundredth of a second, and most who try the verbs have no configuration.
        if (File.Exists(file) || !Directory.Exists(Path.GetDirectoryName(file)))
        {
            return File.Exists(file);
        }

        try
        {
            return (File.GetAttributes(file) & FileAttributes.Directory) == FileAttributes.None;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UnreadableConfigException(file, error);
        }
    }
}

/// <summary>The configuration has mistakes. A daemon that guards by half of what was meant is worse than one that says no; a question to the one that runs is not.</summary>
/// <param name="readable">What could be read all the same, the defaults in place of what is wrong.</param>
internal sealed class UnsoundConfigException(RingfenceConfig readable, string message) : MistakeException(message)
{
    public RingfenceConfig Readable => readable;
}

/// <summary>The configuration is there, and this user may not read it.</summary>
internal sealed class UnreadableConfigException(string file, Exception inner) : WorldFailedException($"{file}: not readable by you: try sudo", inner);
