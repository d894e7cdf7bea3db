from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("distribution.urls")),
    path("konto/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
