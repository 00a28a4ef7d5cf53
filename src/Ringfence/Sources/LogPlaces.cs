namespace Ringfence.Sources;

/// <summary>Where a rotation of one log would show: its own directory, and those that a link leads to.</summary>
internal sealed class LogPlaces(string path, Inotify inotify)
{
    private Watched[] _watched = [];

    /// <summary>The path of the log, and if that is a link the paths that it leads to.</summary>
    public IReadOnlyList<string> Paths { get; private set; } = [path];

    /// <summary>The kernel tells of every name that comes or goes here: all directories are watched, and nobody else's kernel writes to them.</summary>
    public bool AreTold { get; private set; }

    public bool Has(int watch) => Array.Exists(_watched, watched => watched.Watch == watch);

    /// <summary>Finds the places and watches them. Again and again: a directory can be made, or replaced by another one, and a link turned.</summary>
    public void Find()
    {
        var paths = new List<string>(2) { path };
        try
        {
            var at = path;
            // 40 is the kernel's own limit (path_resolution(7)).
            for (var hop = 0; hop < 40 && new FileInfo(at).LinkTarget is { } target; hop++)
            {
                at = Path.GetFullPath(target, Path.GetDirectoryName(at)!);
                paths.Add(at);
            }
        }
        catch (Exception error) when (FileTrouble.Is(error))
        {
            // The state of the log says so.
        }

        if (paths.Count != _watched.Length || !paths.SequenceEqual(Paths, StringComparer.Ordinal))
        {
            Paths = paths;
            _watched = [.. paths.Select(place => new Watched(Path.GetDirectoryName(place)!))];
        }

        AreTold = true;
        foreach (var watched in _watched)
        {
            // The kernel knows a watch that it has, and answers with its number: then it is the same directory as before.
            var watch = inotify.WatchNames(watched.Directory);
            if (watch != watched.Watch)
            {
                watched.Watch = watch;
                watched.IsLocal = Libc.IsOnLocalFileSystem(watched.Directory);
            }

            AreTold &= watch >= 0 && watched.IsLocal;
        }
    }

    /// <summary>Where a rotated file is by now: a rotation may have renamed it again.</summary>
    public string PathNow(RotatedFile file) => RotatedFiles.PathNow(file, Paths) ?? file.Path;

    /// <summary>Opens a rotated file, under whatever name it has by now, and watches it.</summary>
    /// <returns>null: it is gone, or closed to us.</returns>
    public LiveFile? Open(RotatedFile rotated)
    {
        for (var tries = 0; tries < 8 && RotatedFiles.PathNow(rotated, Paths) is { } now; tries++)
        {
            var file = LiveFile.Open(now).File;
            if (file is not null && file.Facts.Key == rotated.Facts.Key)
            {
                file.WatchBy(inotify);
                return file;
            }

            file?.Dispose();
        }

        return null;
    }

    private sealed class Watched(string directory)
    {
        public string Directory => directory;

        public int Watch { get; set; } = -1;

        public bool IsLocal { get; set; }
    }
}
