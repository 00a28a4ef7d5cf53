namespace Ringfence.Core.Pbx;

/// <summary>What reading the files of one PBX may cost, all of them together.</summary>
/// <remarks>
/// Asterisk has no such bounds. A few kilobytes of an archive, or files that include each other, must not cost more than the largest honest PBX: FreePBX writes some 70 lines for each of
/// its extensions, and a setting costs some 200 bytes here.
/// </remarks>
internal sealed class ReadingBounds
{
    public const int MaxFiles = 5_000;
    public const long MaxBytes = 64L << 20;
    public const int MaxSettings = 1_000_000;

    // What a section costs beside its settings.
    private const int SettingsOfSection = 4;

    private int _files;
    private long _bytes;
    private int _settings;

    /// <summary>How many lines may still be taken.</summary>
    public int LinesLeft => Math.Max(0, MaxSettings - _settings);

    /// <returns>null: the file fits; else what is too much, as a sentence.</returns>
    public string? TakeFile(int bytes)
    {
        if (_files >= MaxFiles)
        {
            return $"more than {MaxFiles:N0} files are read; the rest is left out";
        }

        if (_bytes + bytes > MaxBytes)
        {
            return $"the files are more than {MaxBytes >> 20} MiB together; the rest is left out";
        }

        _files++;
        _bytes += bytes;
        return null;
    }

    /// <returns>As for <see cref="TakeFile"/>.</returns>
    public string? TakeLines(AsteriskFile file) => TakeSettings(file.Lines.Count) ?? (file.IsCut ? TooManySettings : null);

    /// <returns>As for <see cref="TakeFile"/>.</returns>
    public string? TakeSection() => TakeSettings(SettingsOfSection);

    /// <returns>As for <see cref="TakeFile"/>.</returns>
    public string? TakeInherited(int settings) => TakeSettings(settings);

    private static string TooManySettings => $"the files hold more than {MaxSettings:N0} settings together; the rest is left out";

    private string? TakeSettings(int settings)
    {
        if (settings > LinesLeft)
        {
            return TooManySettings;
        }

        _settings += settings;
        return null;
    }
}
