using Ringfence.Core.Configuration;
using Ringfence.Core.Geo;

namespace Ringfence.Sources;

/// <summary>A database of countries as it lies on the disk.</summary>
/// <param name="Built">When it was made; where it does not say, the time of its file.</param>
internal sealed record GeoFile(string Path, GeoDatabase Database, DateTimeOffset Built)
{
    /// <summary>DB-IP's cities, the largest that are free, have 130 MB; MaxMind's paid ones 400.</summary>
    public const int MostBytes = 1 << 30;

    /// <summary>The databases of a configuration: those that it names, and behind them those that were fetched.</summary>
    public static IReadOnlyList<string> PathsOf(RingfenceConfig config) =>
        [.. config.Geo.Databases, .. config.Geo.Urls.Select(url => FetchedPath(config, url)).Where(static path => File.Exists(path))];

    /// <summary>Where what is fetched from a URL is kept.</summary>
    public static string FetchedPath(RingfenceConfig config, string url) =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(config.Journal.Path)!, "geo", GeoSettings.FileName(url));

    /// <summary>What changes when a database is replaced, or another one is there.</summary>
    public static string StampOf(RingfenceConfig config) => string.Join('\n', PathsOf(config).Select(static path => $"{path} {Libc.Stat(path)}"));

    /// <summary>All it knows.</summary>
    /// <exception cref="WorldFailedException">It is damaged.</exception>
    public GeoTable ReadAll()
    {
        try
        {
            return Database.ReadAll();
        }
        catch (GeoFormatException problem)
        {
            throw new WorldFailedException($"{Path}: {problem.Message}", problem);
        }
    }

    public bool IsOldAt(DateTimeOffset now) => now - Built > GeoSettings.Old;

    /// <param name="path">.mmdb, or in a tar archive, or a list as CSV; packed with gzip or xz or not.</param>
    /// <exception cref="WorldFailedException">It can't be read, or is none.</exception>
    public static GeoFile Open(string path)
    {
        try
        {
            var (bytes, written) = ReadAll(path);
            if (TarMember.IsTar(bytes))
            {
                bytes = TarMember.Find(bytes, ".mmdb") is var (at, length) ? bytes[at..(at + length)] : throw new GeoFormatException("is a tar archive without an .mmdb file in it");
            }

            GeoDatabase database = LooksLikeText(bytes) ? List(path, bytes) : MmdbReader.Open(bytes);
            return new GeoFile(path, database, database.Built ?? written);
        }
        catch (GeoFormatException problem)
        {
            throw new WorldFailedException($"{path}: {problem.Message}", problem);
        }
        catch (LogFileException problem)
        {
            throw new WorldFailedException(problem.Message, problem);
        }
    }

    private static GeoCsv List(string path, byte[] bytes)
    {
        var list = GeoCsv.Read(bytes);
        if (!list.NeedsPlaces)
        {
            return list;
        }

        var places = Directory.GetFiles(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!, "*-Locations-en.csv") is [var only]
            ? only
            : throw new GeoFormatException("tells countries by geoname_id: expected one file *-Locations-en.csv beside it, as MaxMind packs them");
        return GeoCsv.Read(bytes, GeoCsv.ReadPlaces(ReadAll(places).Bytes));
    }

    // An MMDB begins with its tree, in which zeros are certain.
    private static bool LooksLikeText(byte[] bytes) => bytes.AsSpan(0, Math.Min(bytes.Length, 4096)).IndexOf((byte)0) < 0 && bytes.AsSpan().LastIndexOf("MaxMind.com"u8) < 0;

    private static (byte[] Bytes, DateTimeOffset Written) ReadAll(string path)
    {
        using var file = LogFile.Open(path);
        var bytes = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var read = file.Read(bytes.AsSpan(length));
            if (read == 0)
            {
                Array.Resize(ref bytes, length);
                return (bytes, DateTimeOffset.UnixEpoch.AddTicks((file.Facts?.ModifiedNs ?? 0) / TimeSpan.NanosecondsPerTick));
            }

            length += read;
            if (length >= MostBytes)
            {
                throw new GeoFormatException($"has more than {MostBytes >> 20} MB: expected a database of countries");
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(2L * length, MostBytes));
            }
        }
    }
}
