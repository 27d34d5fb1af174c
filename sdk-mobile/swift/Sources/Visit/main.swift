import Carewire
